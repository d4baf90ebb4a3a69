Feature: Who may call a served user is for the user to say

  The user's preferences decide about sessions that come to the user. Whoever is refused hears any final answer that is no
  success, and no device of the user hears anything.

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-01.allowed @SHALL @participating-function
  Scenario: Bob blocks Carol, and Alice calls him
    Given Bob, a served user, is online with a phone
    And Bob blocks Carol
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    Then "Lunch" stands with Bob's phone
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-02.blocked @SHALL @participating-function
  Scenario: Carol is blocked, Alice is not
    Given Bob, a served user, is online with a phone
    And Bob blocks Carol
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    When Alice calls Bob for "Lunch"
    And Carol calls Bob for "Dinner"
    Then "Lunch" stands with Bob's phone
    And Bob never hears of the call for "Dinner", whose caller is blocked

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-02.each-user @SHALL @participating-function
  Scenario: Bob blocks Carol, and Eve does not
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob blocks Carol
    And the session "Lunch" of Carol with Eve
    And the session "Dinner" of Carol with Bob
    And the session "Breakfast" of Alice with Bob
    When Carol calls Eve for "Lunch"
    And Carol calls Bob for "Dinner"
    And Alice calls Bob for "Breakfast"
    Then "Lunch" stands with Eve's tablet
    And Bob never hears of the call for "Dinner", whose caller is blocked
    And "Breakfast" stands with Bob's phone

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-05.anonymous @SHALL @participating-function
  Scenario: Alice may call Bob when she says who she is
    Given Bob, a served user, is online with a phone
    And Bob refuses anonymous callers
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice calls Bob for "Dinner" without saying who she is
    Then "Lunch" stands with Bob's phone
    And Bob never hears of the call for "Dinner", whose caller is anonymous

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-05.welcome-elsewhere @SHALL @participating-function
  Scenario: Bob refuses anonymous callers, and Eve does not
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob refuses anonymous callers
    And the session "Lunch" of Alice with Eve
    And the session "Dinner" of Alice with Bob
    When Alice calls Eve for "Lunch" without saying who she is
    And Alice calls Bob for "Dinner" without saying who she is
    Then "Lunch" stands with Eve's tablet
    And Bob never hears of the call for "Dinner", whose caller is anonymous
