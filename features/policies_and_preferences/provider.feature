Feature: Where the provider orders one thing and the user wishes another, the provider's word holds

  @PF-PRF-01 @TP-PF-PRF-01-03.forbidden-to-call-bob @SHALL @participating-function @max_sessions=at_least_2
  Scenario: The provider forbids what Bob allows, until it has no word to say
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And the session "Lunch" of Carol with Bob
    And the session "Dinner" of Carol with Bob
    And the session "Breakfast" of Carol with Eve
    And the session "Supper" of Alice with Bob
    And the provider forbids Carol to call Bob
    When Carol calls Bob for "Lunch"
    And Carol calls Eve for "Breakfast"
    And Alice calls Bob for "Supper"
    Then Bob never hears of the call for "Lunch", whose caller is forbidden
    And "Breakfast" stands with Eve's tablet
    And "Supper" stands with Bob's phone
    When the provider is neutral about Bob
    And Carol calls Bob for "Dinner"
    Then "Dinner" stands with Bob's phone

  @PF-PRF-01 @TP-PF-PRF-01-03.allowed-to-call-bob @SHALL @participating-function @max_sessions=at_least_2
  Scenario: The provider allows what Bob forbids, until it has no word to say
    Given Bob, a served user, is online with a phone
    And Bob blocks Carol
    And the session "Lunch" of Carol with Bob
    And the session "Dinner" of Carol with Bob
    And the provider allows Carol to call Bob
    When Carol calls Bob for "Lunch"
    Then "Lunch" stands with Bob's phone
    When the provider is neutral about Bob
    And Carol calls Bob for "Dinner"
    Then Bob never hears of the call for "Dinner", whose caller is blocked

  @PF-PRF-01 @TP-PF-PRF-01-03.forbidden-to-bob @SHALL @participating-function @max_sessions=at_least_2
  Scenario: The provider forbids Bob to call Carol, until it has no word to say
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Carol with Bob
    And the session "Dinner" of Carol with Bob
    And the session "Breakfast" of Alice with Bob
    And the provider forbids Bob to call Carol
    When Bob's phone calls Carol for "Lunch"
    And Bob's phone calls Alice for "Breakfast"
    Then the call of Bob for "Lunch" is not let out
    And "Breakfast" stands with Bob's phone
    When the provider is neutral about Bob
    And Bob's phone calls Carol for "Dinner"
    Then "Dinner" stands with Bob's phone
