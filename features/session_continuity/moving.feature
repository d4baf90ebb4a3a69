Feature: A session goes on while it moves to another device

  @PF-DEV-04 @TP-PF-DEV-04-01.by-dialog @SHALL @participating-function @continuity=replaces
  Scenario: Bob's tablet takes the session over by naming its dialog
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Alice says "On the way?" in "Lunch"
    And Bob's tablet takes "Lunch" over from his phone by its dialog, while Alice says "Are you there?"
    And Alice says "Hello?" in "Lunch"
    And Bob's tablet says "Yes, at the table now" in "Lunch"
    Then "Lunch" of Bob has moved from his phone to his tablet
    And "On the way?" is not lost in "Lunch" of Bob, and is at his phone
    And "Are you there?" is not lost in "Lunch" of Bob
    And "Hello?" is not lost in "Lunch" of Bob, and is at his tablet
    And "Yes, at the table now" is not lost in "Lunch" of Bob

  @PF-DEV-04 @TP-PF-DEV-04-01.by-contribution @SHALL @participating-function @continuity=same_contribution
  Scenario: Bob's tablet takes the session over by calling with its contribution
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Alice says "On the way?" in "Lunch"
    And Bob's tablet takes "Lunch" over from his phone by its contribution, while Alice says "Are you there?"
    And Alice says "Hello?" in "Lunch"
    And Bob's tablet says "Yes, at the table now" in "Lunch"
    Then "Lunch" of Bob has moved from his phone to his tablet
    And "On the way?" is not lost in "Lunch" of Bob, and is at his phone
    And "Are you there?" is not lost in "Lunch" of Bob
    And "Hello?" is not lost in "Lunch" of Bob, and is at his tablet
    And "Yes, at the table now" is not lost in "Lunch" of Bob

  @PF-DEV-04 @TP-PF-DEV-04-01.by-reference @SHALL @participating-function @continuity=refer
  Scenario: Bob's phone refers the session to his tablet
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Bob's tablet accepts calls again
    And Alice says "On the way?" in "Lunch"
    And Bob's phone refers "Lunch" to his tablet, while Alice says "Are you there?"
    And Alice says "Hello?" in "Lunch"
    And Bob's tablet says "Yes, at the table now" in "Lunch"
    Then "Lunch" of Bob has moved from his phone to his tablet
    And "On the way?" is not lost in "Lunch" of Bob, and is at his phone
    And "Are you there?" is not lost in "Lunch" of Bob
    And "Hello?" is not lost in "Lunch" of Bob, and is at his tablet
    And "Yes, at the table now" is not lost in "Lunch" of Bob

  @PF-DEV-04 @TP-PF-DEV-04-01.by-itself @SHALL @participating-function @continuity=internal_switch
  Scenario: Bob's phone goes, and the session comes to his tablet by itself
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Bob's tablet accepts calls again
    And Alice says "On the way?" in "Lunch"
    And Bob's phone is deregistered by the user
    And Bob's tablet waits for "Lunch" to stand
    And Alice says "Hello?" in "Lunch"
    And Bob's tablet says "Yes, at the table now" in "Lunch"
    Then "Lunch" of Bob has moved from his phone to his tablet
    And "On the way?" is not lost in "Lunch" of Bob, and is at his phone
    And "Hello?" is not lost in "Lunch" of Bob, and is at his tablet
    And "Yes, at the table now" is not lost in "Lunch" of Bob
