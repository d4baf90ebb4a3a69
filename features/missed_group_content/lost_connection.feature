Feature: A user who loses the connection misses nothing

  @CPM-CONV-058 @TP-CPM-CONV-058-03.reports-and-list @SHALL @participating-function
  Scenario: A report on Bob's own message and the changed list wait for him
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When Bob's phone sends "Is anybody there?" to "Book club"
    And Bob's phone loses its connection and its registration
    And Carol reports "Is anybody there?" as delivered
    And Dave joins "Book club"
    And Alice leaves "Book club"
    And these messages are sent to "Book club":
      | author | text       | asks for  |
      | Carol  | Yes, I am  | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" that he missed
    And the report of Carol on "Is anybody there?" reaches Bob
    And Bob holds the final list of "Book club"

  @CPM-CONV-058 @TP-CPM-CONV-058-10.connection-reset @SHALL @participating-function
  Scenario Outline: The connection breaks, the registration stays, and Bob's phone <returns>
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When these messages are sent to "Book club":
      | author | text          | asks for  |
      | Alice  | Seen by Bob   | delivered |
    And Bob's phone loses its connection
    And these messages are sent to "Book club":
      | author | text          | asks for  |
      | Alice  | Missed first  | delivered |
      | Carol  | Missed second |           |
      | Alice  | Missed third  |           |
      | Carol  | Missed last   | delivered |
    And Bob's phone <returns>
    Then Bob receives every message of "Book club" that he missed
    And the messages of "Book club" reach Bob unchanged
    And no message of "Book club" reaches Bob under two names

    Examples:
      | returns             |
      | registers again     |
      | rejoins "Book club" |

  @CPM-CONV-058 @TP-CPM-CONV-058-11.deregistered @SHALL @participating-function
  Scenario Outline: Bob's phone is deregistered by <whom> in the middle of the chat
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When these messages are sent to "Book club":
      | author | text          | asks for  |
      | Alice  | Seen by Bob   | delivered |
    And Bob's phone is deregistered by <whom>
    And these messages are sent to "Book club":
      | author | text          | asks for  |
      | Alice  | Missed first  | delivered |
      | Carol  | Missed second |           |
      | Alice  | Missed third  |           |
      | Carol  | Missed last   | delivered |
    And Bob's phone registers
    Then the participating function has not left "Book club" for Bob
    And Bob receives every message of "Book club" that he missed

    Examples:
      | whom        |
      | the user    |
      | the network |

  @CPM-CONV-058 @TP-CPM-CONV-058-12.silent-device @SHALL @participating-function @slow
  Scenario: Bob's phone falls silent without a sign
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When these messages are sent to "Book club":
      | author | text                | asks for  |
      | Alice  | Seen by Bob         | delivered |
    And Bob's phone falls silent
    And these messages are sent to "Book club":
      | author | text                | asks for  |
      | Carol  | Sent into the void  | delivered |
    And the time for an answer to a message passes
    And these messages are sent to "Book club":
      | author | text                | asks for  |
      | Alice  | After the time-out  | delivered |
      | Carol  | And one more        |           |
    And Bob's phone registers again
    Then Bob receives every message of "Book club" that he missed
    And the messages of "Book club" reach Bob unchanged
    And no message of "Book club" reaches Bob under two names
