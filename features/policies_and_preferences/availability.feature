Feature: A user who does not wish to be reached is not

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-04.each-user @SHALL @participating-function
  Scenario: Bob is unavailable, and Eve is not
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob is set unavailable
    And the session "Lunch" of Alice with Eve
    And the session "Dinner" of Alice with Bob
    When Alice calls Eve for "Lunch"
    And Alice calls Bob for "Dinner"
    Then "Lunch" stands with Eve's tablet
    And Bob never hears of the call for "Dinner", being unavailable

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-04.and-back @SHALL @participating-function
  Scenario: Bob is unavailable for a while
    Given Bob, a served user, is online with a phone
    And Bob is set unavailable
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    And Bob's phone rings when called
    When Alice calls Bob for "Lunch"
    And Bob is set available
    And Alice calls Bob for "Dinner"
    And Bob's phone picks up "Dinner"
    Then Bob never hears of the call for "Lunch", being unavailable
    And "Dinner" stands with Bob's phone
