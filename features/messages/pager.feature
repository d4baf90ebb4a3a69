Feature: Messages of a few words between a served user and others

  A message goes through the participating function in one piece: its words, its author, its date and its name stay as they
  were sent, and so does the conversation that it belongs to.

  @PF-MSG-02 @TP-PF-MSG-02-01.to-the-user @SHALL @participating-function
  Scenario: Alice writes to Bob
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Shall we have lunch?"
    Then Bob's phone gets the message "Shall we have lunch?"
    And the message "Shall we have lunch?" is nowhere altered

  @PF-MSG-02 @TP-PF-MSG-02-01.both-ways @SHALL @participating-function @smoke
  Scenario: Bob writes to Alice, and she writes back
    Given Bob, a served user, is online with a phone
    When Bob's phone sends Alice the message "Shall we have lunch?"
    And Alice sends Bob the message "At one o'clock"
    Then Alice gets the message "Shall we have lunch?"
    And the message "Shall we have lunch?" is nowhere altered
    And Bob's phone gets the message "At one o'clock"

  @PF-MSG-02 @TP-PF-MSG-02-01.by-number @SHALL @participating-function
  Scenario: Alice knows Bob's telephone number alone
    Given Bob, a served user, is online with a phone
    When Alice sends Bob, at his telephone number, the message "Is this your number?"
    And Alice sends Bob the message "Or is it this?"
    Then Bob's phone gets the message "Is this your number?"
    And Bob's phone gets the message "Or is it this?"

  @PF-MSG-02 @TP-PF-MSG-02-01.with-requests @SHALL @participating-function
  Scenario: What Alice wants to hear of her message stays in it
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Tell me when you have this", asking for reports of delivery, failure and display
    Then Bob's phone gets the message "Tell me when you have this"
    And the message "Tell me when you have this" is nowhere altered

  @PF-MSG-02 @TP-PF-MSG-02-01.each-to-whom-it-is-for @SHALL @participating-function
  Scenario: Messages to two users stay apart
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    When Alice sends Bob the message "For Bob"
    And Carol sends Eve the message "For Eve"
    And Eve's tablet sends Alice the message "From Eve"
    Then Bob's phone gets the message "For Bob"
    And Eve's tablet gets the message "For Eve"
    And Alice gets the message "From Eve"
    And the message "For Bob" is nowhere altered
    And the message "For Eve" is nowhere altered
    And the message "From Eve" is nowhere altered

  @PF-MSG-02 @TP-PF-MSG-02-01.one-after-the-other @SHALL @participating-function
  Scenario: Alice writes three times, and every message is one of its own
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "First"
    And Alice sends Bob the message "Second"
    And Alice sends Bob the message "Third"
    Then Bob's phone gets the message "First"
    And Bob's phone gets the message "Second"
    And Bob's phone gets the message "Third"
    And the message "Second" is nowhere altered
