Feature: Who may write to a served user, and to whom the user may write

  What holds for calls holds for messages. Whoever is refused may hear a refusal, or nothing at all; the user sees nothing.

  @PF-MSG-01 @PF-PRF-01 @TP-PF-MSG-01-01.blocked @SHALL @participating-function
  Scenario: Bob blocks Carol, and reads what Alice writes
    Given Bob, a served user, is online with a phone
    And Bob blocks Carol
    When Alice sends Bob the message "Hello from Alice"
    And Carol sends Bob the message "Hello from Carol"
    Then Bob's phone gets the message "Hello from Alice"
    And Bob never sees the message "Hello from Carol", whose author is blocked

  @PF-MSG-01 @PF-PRF-01 @TP-PF-MSG-01-01.blocked-large @SHALL @participating-function
  Scenario: Bob blocks Carol, who has a long letter for him
    Given Bob, a served user, is online with a phone
    And Bob blocks Carol
    When Alice sends Bob the large message "A letter of Alice"
    And Carol sends Bob the large message "A letter of Carol"
    Then Bob's phone gets the large message "A letter of Alice" in a session that is over
    And Bob never sees the message "A letter of Carol", whose author is blocked

  @PF-MSG-01 @PF-PRF-01 @TP-PF-MSG-01-01.each-user @SHALL @participating-function
  Scenario: Bob blocks Carol, and Eve does not
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob blocks Carol
    When Carol sends Eve the message "Hello Eve"
    And Carol sends Bob the message "Hello Bob"
    And Alice sends Bob the message "Never mind"
    Then Eve's tablet gets the message "Hello Eve"
    And Bob never sees the message "Hello Bob", whose author is blocked
    And Bob's phone gets the message "Never mind"

  @PF-MSG-01 @PF-PRF-01 @TP-PF-MSG-01-01.anonymous @SHALL @participating-function
  Scenario: Alice may write to Bob when she says who she is
    Given Bob, a served user, is online with a phone
    And Bob refuses anonymous callers
    When Alice sends Bob the message "This is Alice"
    And Alice sends Bob the message "Guess who this is" without saying who she is
    Then Bob's phone gets the message "This is Alice"
    And Bob never sees the message "Guess who this is", whose author is anonymous

  @PF-MSG-01 @PF-PRF-01 @TP-PF-MSG-01-01.anonymous-large @SHALL @participating-function
  Scenario: Nobody may send Bob long letters without a name
    Given Bob, a served user, is online with a phone
    And Bob refuses anonymous callers
    When Alice sends Bob the large message "Signed by Alice"
    And Alice sends Bob the large message "Signed by nobody" without saying who she is
    Then Bob's phone gets the large message "Signed by Alice" in a session that is over
    And Bob never sees the message "Signed by nobody", whose author is anonymous

  @PF-MSG-01 @PF-PRF-01 @TP-PF-MSG-01-01.welcome-elsewhere @SHALL @participating-function
  Scenario: Bob refuses authors without a name, and Eve reads them, still without a name
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob refuses anonymous callers
    When Alice sends Eve the message "Guess who I am" without saying who she is
    And Alice sends Bob the message "Guess who this is" without saying who she is
    Then Eve's tablet gets the message "Guess who I am"
    And the message "Guess who I am" is nowhere altered
    And Bob never sees the message "Guess who this is", whose author is anonymous

  @PF-MSG-01 @PF-PRF-01 @TP-PF-MSG-01-01.unavailable @SHALL @participating-function
  Scenario: Bob does not wish to be reached, and Eve does
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob is set unavailable
    When Alice sends Eve the message "Hello Eve"
    And Alice sends Bob the message "Hello Bob"
    Then Eve's tablet gets the message "Hello Eve"
    And Bob never sees the message "Hello Bob", being unavailable

  @PF-MSG-01 @PF-PRF-01 @TP-PF-MSG-01-01.unavailable-large @SHALL @participating-function
  Scenario: Bob does not wish to be reached, not even by long letters
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob is set unavailable
    When Alice sends Eve the large message "A letter for Eve"
    And Alice sends Bob the large message "A letter for Bob"
    Then Eve's tablet gets the large message "A letter for Eve" in a session that is over
    And Bob never sees the message "A letter for Bob", being unavailable

  @PF-PRF-01 @TP-PF-PRF-01-04.barred @SHALL @participating-function
  Scenario: Bob may not write to Carol, and writes to Alice
    Given Bob, a served user, is online with a phone
    And Bob may not write to Carol
    When Bob's phone sends Alice the message "Hello Alice"
    And Bob's phone sends Carol the message "Hello Carol"
    And Alice sends Bob the message "Hello Bob"
    Then Alice gets the message "Hello Alice"
    And the message "Hello Carol" of Bob is not let out
    And Bob's phone gets the message "Hello Bob"

  @PF-PRF-01 @TP-PF-PRF-01-04.barred-large @SHALL @participating-function
  Scenario: Bob may not send Carol long letters, either
    Given Bob, a served user, is online with a phone
    And Bob may not write to Carol
    When Bob's phone sends Alice the large message "A letter for Alice"
    And Bob's phone sends Carol the large message "A letter for Carol"
    Then Alice gets the large message "A letter for Alice" in a session that is over
    And the message "A letter for Carol" of Bob is not let out

  @PF-PRF-01 @TP-PF-PRF-01-04.one-way @SHALL @participating-function
  Scenario: Bob may not write to Carol, and Carol may write to Bob
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob may not write to Carol
    When Carol sends Bob the message "Why do you not answer?"
    And Bob's phone sends Carol the message "I am not to"
    And Eve's tablet sends Carol the message "He is not to"
    Then Bob's phone gets the message "Why do you not answer?"
    And the message "I am not to" of Bob is not let out
    And Carol gets the message "He is not to"

  @PF-PRF-01 @TP-PF-PRF-01-02.by-preference-of-messages @SHALL @participating-function
  Scenario Outline: Bob wishes to be hidden, and Eve does not
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob hides his identity
    When Bob's phone sends Alice the <kind> "Guess who" under no name
    And Eve's tablet sends Alice the <kind> "It is Bob"
    Then Alice gets the message "Guess who"
    And the message "Guess who" of Bob hides who wrote it
    And Alice gets the message "It is Bob"

    Examples:
      | kind          |
      | message       |
      | large message |
