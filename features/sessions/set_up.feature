Feature: Sessions are set up through the participating function

  @PF-SES-01 @TP-PF-SES-01-01.accepted @SHALL @participating-function @smoke
  Scenario: Alice calls Bob, and Bob's phone accepts
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Bob's phone says "Gladly" in "Lunch"
    Then "Lunch" stands with Bob's phone
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob
    And "Gladly" arrives unchanged in "Lunch" of Bob

  @PF-SES-01 @TP-PF-SES-01-01.rings-first @SHALL @participating-function
  Scenario: Bob's phone rings before he picks up
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Bob's phone rings when called
    When Alice calls Bob for "Lunch"
    And Bob's phone picks up "Lunch"
    And Alice says "There you are" in "Lunch"
    Then "Lunch" stands with Bob's phone
    And "There you are" arrives unchanged in "Lunch" of Bob

  @PF-SES-01 @TP-PF-SES-01-01.rings-reliably @SHALL @participating-function
  Scenario: Alice asks for ringing that is confirmed, and Bob's phone can do so
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Alice rings reliably when called
    And Bob's phone rings reliably when called
    When Alice calls Bob for "Lunch"
    And Bob's phone picks up "Lunch"
    And Bob's phone says "Yes, I am here" in "Lunch"
    Then "Lunch" stands with Bob's phone
    And "Yes, I am here" arrives unchanged in "Lunch" of Bob

  @PF-SES-01 @TP-PF-SES-01-01.refused @SHALL @participating-function
  Scenario Outline: Bob's phone refuses with "<answer>", and Alice learns it
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Bob's phone answers calls with "<answer>"
    When Alice calls Bob for "Lunch"
    Then the refusal of "Lunch" by Bob's side reaches the caller of Bob

    Examples:
      | answer              |
      | busy                |
      | declined            |
      | not acceptable here |

  @PF-SES-01 @TP-PF-SES-01-02.accepted @SHALL @participating-function
  Scenario: Bob's phone calls Alice, and she accepts
    Given Bob, a served user, is online with a phone
    And the session "Dinner" of Alice with Bob
    When Bob's phone calls Alice for "Dinner"
    And Alice says "Hello Bob" in "Dinner"
    And Bob's phone says "Dinner at eight?" in "Dinner"
    Then "Dinner" stands with Bob's phone
    And "Hello Bob" arrives unchanged in "Dinner" of Bob
    And "Dinner at eight?" arrives unchanged in "Dinner" of Bob

  @PF-SES-01 @TP-PF-SES-01-02.rings-first @SHALL @participating-function
  Scenario: Alice lets Bob's call ring before she picks up
    Given Bob, a served user, is online with a phone
    And the session "Dinner" of Alice with Bob
    And Alice rings when called
    When Bob's phone calls Alice for "Dinner"
    And Alice picks up "Dinner"
    And Bob's phone says "Did I wake you?" in "Dinner"
    Then "Dinner" stands with Bob's phone
    And "Did I wake you?" arrives unchanged in "Dinner" of Bob

  @PF-SES-01 @TP-PF-SES-01-02.refused @SHALL @participating-function
  Scenario: Alice is busy, and Bob's phone learns it
    Given Bob, a served user, is online with a phone
    And the session "Dinner" of Alice with Bob
    And Alice answers calls with "busy"
    When Bob's phone calls Alice for "Dinner"
    Then the refusal of "Dinner" by Alice's side reaches the caller of Bob
