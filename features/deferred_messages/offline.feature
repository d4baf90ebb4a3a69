Feature: A message to a user who cannot be reached waits

  It comes when the user returns: by itself, or because a device asks for it after word of it, or unasked. Each is right.

  @PF-MSG-04 @TP-PF-MSG-04-01.short @SHALL @participating-function @smoke
  Scenario: Alice writes to Bob, who is offline
    Given Bob, a served user, is offline
    When Alice sends Bob the message "Call me when you can"
    And it is quiet for a while
    And Bob's phone registers
    Then the message "Call me when you can", which waited, reaches Bob

  @PF-MSG-04 @TP-PF-MSG-04-01.large @SHALL @participating-function
  Scenario: Alice writes something long to Bob, who is offline
    Given Bob, a served user, is offline
    When Alice sends Bob the large message "The whole story"
    And it is quiet for a while
    And Bob's phone registers
    Then the message "The whole story", which waited, reaches Bob

  @PF-MSG-04 @TP-PF-MSG-04-01.several @SHALL @participating-function
  Scenario: Several messages of several authors wait for two users
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    When Alice sends Bob the message "First of all", asking for reports of delivery and display
    And Carol sends Bob the message "Me too"
    And Alice sends Eve the message "For Eve alone", asking for reports of delivery
    And Alice sends Bob the large message "And the rest of it", asking for reports of delivery
    And Eve's phone registers
    And Bob's phone registers
    Then the message "First of all", which waited, reaches Bob
    And the message "Me too", which waited, reaches Bob
    And the message "And the rest of it", which waited, reaches Bob
    And the message "For Eve alone", which waited, reaches Eve

  @PF-MSG-04 @TP-PF-MSG-04-01.gone @SHALL @participating-function
  Scenario: Bob was there, and has gone
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Are you there?"
    Then Bob gets the message "Are you there?"
    When Bob's phone is deregistered by the user
    And Alice sends Bob the message "Not any more, it seems"
    And Bob's phone registers
    Then the message "Not any more, it seems", which waited, reaches Bob

  @PF-MSG-04 @TP-PF-MSG-04-01.told-in-subscription @SHALL @participating-function @deferred_delivery=notify_subscribed
  Scenario: Bob's phone has asked to be told what waits
    Given Bob, a served user, is offline
    And Bob's phone asks to be told what waits
    When Alice sends Bob the message "Call me when you can"
    And Alice sends Bob the large message "The whole story"
    And Bob's phone registers
    Then Bob's phone is told that the message "Call me when you can" waits
    And Bob's phone is told that the message "The whole story" waits
    And the message "Call me when you can", which waited, reaches Bob's phone
    And the message "The whole story", which waited, reaches Bob's phone

  @PF-MSG-04 @TP-PF-MSG-04-01.told-unasked @SHALL @participating-function @deferred_delivery=notify_unsolicited @deferred_delivery=notify_message
  Scenario: Bob's phone is told what waits without having asked
    Given Bob, a served user, is offline
    And Bob's phone does not ask to be told what waits
    When Alice sends Bob the message "Call me when you can"
    And Alice sends Bob the large message "The whole story"
    And Bob's phone registers
    Then Bob's phone is told that the message "Call me when you can" waits
    And Bob's phone is told that the message "The whole story" waits
    And the message "Call me when you can", which waited, reaches Bob's phone
    And the message "The whole story", which waited, reaches Bob's phone

  @PF-MSG-04 @TP-PF-MSG-04-01.fetched-unasked @SHALL @participating-function @deferred_delivery=fetch
  Scenario: Bob's phone fetches what it was not told of
    Given Bob, a served user, is offline
    And Bob chooses on his phone what to fetch
    When Alice sends Bob the message "Call me when you can"
    And Bob's phone registers
    And Bob's phone fetches the message "Call me when you can"
    Then the message "Call me when you can", which waited, reaches Bob's phone

  @PF-MSG-04 @TP-PF-MSG-04-01.not-taken @SHALL @participating-function
  Scenario Outline: Bob is online, and his only device answers a message with "<answer>"
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the <kind> "I am coming"
    Then Bob gets the message "I am coming"
    When Bob's phone answers messages with "<answer>"
    And Alice sends Bob the <kind> "Can you hear me?"
    And Bob's phone takes messages again
    And Bob's phone registers again
    Then the message "Can you hear me?" is refused, or reaches Bob after all

    Examples:
      | answer      | kind          |
      | unavailable | message       |
      | unavailable | large message |
      | timed out   | large message |

  @PF-MSG-04 @TP-PF-MSG-04-01.not-answered @SHALL @participating-function @slow @virtual_time
  Scenario: Bob is online, and his only device does not answer
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "I am coming"
    Then Bob gets the message "I am coming"
    When Bob's phone answers no messages
    And Alice sends Bob the message "Can you hear me?"
    And 40 seconds pass
    And Bob's phone takes messages again
    And Bob's phone registers again
    Then the message "Can you hear me?" is refused, or reaches Bob after all

  @PF-MSG-04 @TP-PF-MSG-04-01.not-taken-at-first @SHALL @participating-function
  Scenario: What waited is not taken at Bob's first return
    Given Bob, a served user, is offline
    And Bob's phone answers messages with "unavailable"
    When Alice sends Bob the message "Call me when you can"
    And Bob's phone registers
    And it is quiet for a while
    And Bob's phone takes messages again
    And Bob's phone registers again
    Then the message "Call me when you can", which waited, reaches Bob

  @PF-MSG-04 @TP-PF-MSG-04-01.killed @SHALL @participating-function @restart
  Scenario: The function is killed while a message waits
    Given Bob, a served user, is offline
    When Alice sends Bob the message "Keep this"
    And Alice sends Bob the large message "And all of this"
    And the participating function is killed and started again
    And Bob's phone registers
    Then the message "Keep this", which waited, reaches Bob
    And the message "And all of this", which waited, reaches Bob
