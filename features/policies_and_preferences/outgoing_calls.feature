Feature: What a user wishes, and the provider orders, of the calls that the user makes

  @PF-PRF-01 @TP-PF-PRF-01-01.barred @SHALL @participating-function
  Scenario: Bob may not call Carol, and calls Alice
    Given Bob, a served user, is online with a phone
    And Bob may not call Carol
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    When Bob's phone calls Alice for "Lunch"
    And Bob's phone calls Carol for "Dinner"
    Then "Lunch" stands with Bob's phone
    And the call of Bob for "Dinner" is not let out

  @PF-PRF-01 @TP-PF-PRF-01-01.one-way @SHALL @participating-function
  Scenario: Bob may not call Carol, and Carol may call Bob
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob may not call Carol
    And the session "Lunch" of Carol with Bob
    And the session "Dinner" of Carol with Bob
    And the session "Breakfast" of Carol with Eve
    When Carol calls Bob for "Lunch"
    And Bob's phone calls Carol for "Dinner"
    And Eve's tablet calls Carol for "Breakfast"
    Then "Lunch" stands with Bob's phone
    And the call of Bob for "Dinner" is not let out
    And "Breakfast" stands with Eve's tablet

  @PF-PRF-01 @TP-PF-PRF-01-02.by-preference @SHALL @participating-function @max_sessions=at_least_2
  Scenario: Bob wishes to be hidden, and then to be known
    Given Bob, a served user, is online with a phone
    And Bob hides his identity
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    When Bob's phone calls Alice for "Lunch" under no name
    Then "Lunch" stands with Bob's phone
    And the call of Bob for "Lunch" hides who calls
    When Bob shows his identity
    And Bob's phone calls Alice for "Dinner"
    Then "Dinner" stands with Bob's phone
    And the call of Bob for "Dinner" says who calls

  @PF-PRF-01 @TP-PF-PRF-01-02.each-user @SHALL @participating-function
  Scenario: Bob wishes to be hidden, Eve does not, and Dora asks for it call by call
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Dora, a served user, is online with a phone
    And Bob hides his identity
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Eve
    And the session "Breakfast" of Alice with Dora
    When Bob's phone calls Alice for "Lunch"
    And Eve's tablet calls Alice for "Dinner"
    And Dora's phone calls Alice for "Breakfast" without saying who she is
    Then the call of Bob for "Lunch" hides who calls
    And the call of Dora for "Breakfast" hides who calls
    And "Dinner" stands with Eve's tablet
    And the call of Eve for "Dinner" says who calls
