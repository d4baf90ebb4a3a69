Feature: Messages that are too large for one request

  A large message has a session of its own. The session carries that message, and is over.

  @PF-MSG-02 @TP-PF-MSG-02-02.to-the-user @SHALL @participating-function @smoke
  Scenario: Alice sends Bob a long letter
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the large message "All about the book"
    Then Bob's phone gets the large message "All about the book" in a session that is over
    And the message "All about the book" is nowhere altered

  @PF-MSG-02 @TP-PF-MSG-02-02.both-ways @SHALL @participating-function
  Scenario: Bob sends Alice a long letter, and gets one back
    Given Bob, a served user, is online with a phone
    When Bob's phone sends Alice the large message "All about the book"
    And Alice sends Bob the large message "What I make of it"
    Then Alice gets the large message "All about the book" in a session that is over
    And Bob's phone gets the large message "What I make of it" in a session that is over

  @PF-MSG-02 @TP-PF-MSG-02-02.with-requests @SHALL @participating-function
  Scenario: What Alice wants to hear of her letter stays in it
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the large message "Tell me when you have read this", asking for reports of delivery and display
    Then Bob's phone gets the large message "Tell me when you have read this" in a session that is over
    And the message "Tell me when you have read this" is nowhere altered

  @PF-MSG-02 @TP-PF-MSG-02-02.each-in-its-own @SHALL @participating-function
  Scenario: Two letters and a short message keep apart
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the large message "A letter of Alice"
    And Carol sends Bob the large message "A letter of Carol"
    And Alice sends Bob the message "Did you get it?"
    Then Bob's phone gets the large message "A letter of Alice" in a session that is over
    And Bob's phone gets the large message "A letter of Carol" in a session that is over
    And Bob's phone gets the message "Did you get it?"
