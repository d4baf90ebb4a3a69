Feature: What a user wishes anew holds for the next request

  What becomes of a session that stands already is the provider's choice.

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-06.blocked-and-allowed @SHALL @participating-function @max_sessions=at_least_2
  Scenario: Bob blocks Alice in the middle of a session, and allows her again
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    And the session "Breakfast" of Alice with Bob
    When Alice calls Bob for "Lunch"
    Then "Lunch" stands with Bob's phone
    When Bob blocks Alice
    And Alice calls Bob for "Dinner"
    Then Bob never hears of the call for "Dinner", whose caller is blocked
    When Bob allows Alice again
    And Alice calls Bob for "Breakfast"
    Then "Breakfast" stands with Bob's phone

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-06.another-caller @SHALL @participating-function @max_sessions=at_least_2
  Scenario: Bob has blocked Carol, and then blocks Alice as well
    Given Bob, a served user, is online with a phone
    And Bob blocks Carol
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    And the session "Breakfast" of Dave with Bob
    When Alice calls Bob for "Lunch"
    Then "Lunch" stands with Bob's phone
    When Bob blocks Alice
    And Alice calls Bob for "Dinner"
    And Dave calls Bob for "Breakfast"
    Then Bob never hears of the call for "Dinner", whose caller is blocked
    And "Breakfast" stands with Bob's phone
