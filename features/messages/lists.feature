Feature: Messages to several at once

  A user writes once, and everybody on the list gets the message once: the participating function makes the copies, or has
  the service that sends to lists make them.

  @PF-MSG-02 @TP-PF-MSG-02-03.of-three @SHALL @participating-function
  Scenario: Bob writes to Alice, Carol and Dora, and Alice answers him
    Given Bob, a served user, is online with a phone
    When Bob's phone sends the list Alice, Carol, Dora the message "Who comes to lunch?"
    And Alice sends Bob the message "I do"
    Then everybody on the list gets the message "Who comes to lunch?" of Bob once
    And Bob's phone gets the message "I do"

  @PF-MSG-02 @TP-PF-MSG-02-03.of-one @SHALL @participating-function
  Scenario: Bob's list has one name on it
    Given Bob, a served user, is online with a phone
    When Bob's phone sends the list Alice the message "Who comes to lunch?"
    And Alice sends Bob the message "Am I the only one?"
    Then everybody on the list gets the message "Who comes to lunch?" of Bob once
    And Bob's phone gets the message "Am I the only one?"

  @PF-MSG-02 @TP-PF-MSG-02-03.named-twice @SHALL @participating-function
  Scenario: Alice stands on Bob's list twice, and gets his message once
    Given Bob, a served user, is online with a phone
    When Bob's phone sends the list Alice, Carol, Alice the message "Who comes to lunch?"
    And Alice sends Bob the message "You need not ask me twice"
    Then everybody on the list gets the message "Who comes to lunch?" of Bob once
    And Bob's phone gets the message "You need not ask me twice"

  @PF-MSG-02 @TP-PF-MSG-02-03.large @TP-PF-MSG-02-02 @SHALL @participating-function
  Scenario: Bob sends a long letter to Alice and Carol
    Given Bob, a served user, is online with a phone
    When Bob's phone sends the list Alice, Carol the large message "All about the book"
    And Alice sends Bob the message "Thank you"
    Then everybody on the list gets the message "All about the book" of Bob once
    And Bob's phone gets the message "Thank you"

  @PF-MSG-02 @TP-PF-MSG-02-03.a-copy @SHALL @participating-function
  Scenario: Bob gets a copy that says who else got it
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the copy of "Who comes to lunch?" to the list Carol, Dora
    And Bob's phone sends the list Alice, Carol the message "I do"
    Then Bob's phone gets the message "Who comes to lunch?"
    And the copy of "Who comes to lunch?" for Bob goes to nobody else
    And everybody on the list gets the message "I do" of Bob once
