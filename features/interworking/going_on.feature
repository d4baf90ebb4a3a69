Feature: What CPM does not reach goes on to the interworking function

  Somebody writes or calls, and the other side says that CPM does not reach the recipient. The participating function then
  sends the same to the interworking function, and who wrote hears what came of it there.

  @PF-IWF-01 @TP-PF-IWF-01-01.network-refuses @SHALL @participating-function
  Scenario Outline: Bob writes to Alice, whose network refuses with code <code>
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And Alice refuses what comes with code <code> of those that lead to interworking
    When Bob's phone sends Alice the message "Do you read this?"
    Then "Do you read this?" for Alice goes on to the interworking function, which takes it

    Examples:
      | code |
      | 1    |
      | 2    |
      | 3    |
      | 4    |
      | 5    |
      | 6    |
      | 7    |
      | 8    |
      | 9    |

  @PF-IWF-01 @TP-PF-IWF-01-01.device-refuses @SHALL @participating-function
  Scenario Outline: Alice writes to Bob, whose phone refuses with code <code>
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And Bob's phone refuses what comes with code <code> of those that lead to interworking
    When Alice sends Bob the message "Do you read this?"
    Then "Do you read this?" for Bob goes on to the interworking function, which takes it

    Examples:
      | code |
      | 1    |
      | 2    |
      | 3    |
      | 4    |
      | 5    |
      | 6    |
      | 7    |
      | 8    |

  @PF-IWF-01 @TP-PF-IWF-01-01.large-to-the-network @SHALL @participating-function
  Scenario: Bob sends Alice a large message, which her network refuses
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And Alice refuses what comes with code 1 of those that lead to interworking
    When Bob's phone sends Alice the large message "All about the book"
    Then "All about the book" for Alice goes on to the interworking function, which takes it

  @PF-IWF-01 @TP-PF-IWF-01-01.large-to-the-user @SHALL @participating-function
  Scenario: Alice sends Bob a large message, which his phone refuses
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And Bob's phone refuses what comes with code 1 of those that lead to interworking
    When Alice sends Bob the large message "All about the book"
    Then "All about the book" for Bob goes on to the interworking function, which takes it

  @PF-IWF-01 @TP-PF-IWF-01-01.nobody-there @SHALL @participating-function
  Scenario: Alice writes to Eve, who is offline, and for whom nothing is kept
    Given Eve, a served user of the class "store_off", is offline
    And the interworking function takes what it is sent
    When Alice sends Eve the message "Do you read this?"
    Then "Do you read this?" for Eve goes on to the interworking function, which takes it

  @PF-IWF-01 @TP-PF-IWF-01-01.session-to-the-network @SHALL @participating-function
  Scenario: Bob calls Alice for a session, which her network refuses
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And the session "Dinner" of Alice with Bob
    And Alice refuses what comes with code 1 of those that lead to interworking
    When Bob's phone calls Alice for "Dinner"
    Then "Dinner" for Bob goes on to the interworking function, which takes it

  @PF-IWF-01 @TP-PF-IWF-01-01.session-to-the-user @SHALL @participating-function
  Scenario: Alice calls Bob for a session, which his phone refuses
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And the session "Dinner" of Alice with Bob
    And Bob's phone refuses what comes with code 1 of those that lead to interworking
    When Alice calls Bob for "Dinner"
    Then "Dinner" for Bob goes on to the interworking function, which takes it

  @PF-IWF-01 @TP-PF-IWF-01-03.to-the-author @SHALL @participating-function
  Scenario: Bob hears that his message went on
    Given Bob, a served user, is online with a phone
    And Greta, whom short messages alone reach
    And the interworking function takes what it is sent
    When Bob's phone sends Greta the message "Do you read this?", asking for reports of delivery
    And the interworking function tells of "Do you read this?" that it went on
    Then "Do you read this?" for Greta goes on to the interworking function, which takes it
    And Bob hears that "Do you read this?" went on by another service
