Feature: A session stays where it is when it cannot move

  @PF-DEV-04 @TP-PF-DEV-04-02.unusable @SHALL @participating-function @continuity=replaces
  Scenario: Bob's tablet names the dialog, and has no use for its media; later it has
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Bob's tablet fails to take "Lunch" over from his phone by its dialog
    And Alice says "Still on the phone?" in "Lunch"
    And Bob's phone says "Still here" in "Lunch"
    Then "Lunch" of Bob stays at his phone, for his tablet cannot have it
    And "Still on the phone?" is not lost in "Lunch" of Bob, and is at his phone
    And "Still here" is not lost in "Lunch" of Bob
    When Bob's tablet takes "Lunch" over from his phone by its dialog
    And Alice says "And now?" in "Lunch"
    Then "Lunch" of Bob has moved from his phone to his tablet
    And "And now?" is not lost in "Lunch" of Bob, and is at his tablet

  @PF-DEV-04 @TP-PF-DEV-04-02.unusable-contribution @SHALL @participating-function @continuity=same_contribution
  Scenario: Bob's tablet calls with the contribution, and has no use for its media; later it has
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Bob's tablet fails to take "Lunch" over from his phone by its contribution
    And Alice says "Still on the phone?" in "Lunch"
    And Bob's phone says "Still here" in "Lunch"
    Then "Lunch" of Bob stays at his phone, for his tablet cannot have it
    And "Still on the phone?" is not lost in "Lunch" of Bob, and is at his phone
    And "Still here" is not lost in "Lunch" of Bob
    When Bob's tablet takes "Lunch" over from his phone by its contribution
    And Alice says "And now?" in "Lunch"
    Then "Lunch" of Bob has moved from his phone to his tablet
    And "And now?" is not lost in "Lunch" of Bob, and is at his tablet

  @PF-DEV-04 @TP-PF-DEV-04-02.refused @SHALL @participating-function @continuity=refer
  Scenario: Bob's phone refers the session to his tablet, which refuses; later it accepts
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Bob's phone refers "Lunch" to his tablet
    And Alice says "Still on the phone?" in "Lunch"
    And Bob's phone says "Still here" in "Lunch"
    Then "Lunch" of Bob stays at his phone, for his tablet cannot have it
    And "Still on the phone?" is not lost in "Lunch" of Bob, and is at his phone
    And "Still here" is not lost in "Lunch" of Bob
    When Bob's tablet accepts calls again
    And Bob's phone refers "Lunch" to his tablet
    And Alice says "And now?" in "Lunch"
    Then "Lunch" of Bob has moved from his phone to his tablet
    And "And now?" is not lost in "Lunch" of Bob, and is at his tablet

  @PF-DEV-04 @TP-PF-DEV-04-03.stranger @SHALL @participating-function @continuity=replaces @continuity=same_contribution @continuity=refer
  Scenario: Eve's phone names the dialog of Bob's session, and Bob's own tablet has it later
    Given Bob, a served user, is online with a phone and a tablet
    And Eve, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Eve's phone names the dialog of "Lunch" at Bob's phone
    And Alice says "Just the two of us" in "Lunch"
    And Bob's phone says "Just us" in "Lunch"
    Then Eve is kept out of "Lunch" at Bob's phone
    And "Just the two of us" is not lost in "Lunch" of Bob, and is at his phone
    And "Just us" is not lost in "Lunch" of Bob
    When Bob's tablet accepts calls again
    And Bob's tablet takes "Lunch" over from his phone as the statement says
    And Alice says "Hello tablet" in "Lunch"
    Then "Lunch" of Bob has moved from his phone to his tablet
    And "Hello tablet" is not lost in "Lunch" of Bob, and is at his tablet
