Feature: A refused or interrupted delivery loses nothing

  @CPM-CONV-058a @TP-CPM-CONV-058a-06.refused @SHALL @participating-function @drain_shape_live=sendonly_then_rejoin @drain_shape_live=sendrecv
  Scenario Outline: Bob's phone is <state> at first
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | In due time  | delivered |
      | Carol  | Be patient   |           |
    And Eve's phone registers
    And Bob's phone answers invitations with "<state>"
    And Bob's phone registers
    And the participating function has tried to deliver "Book club" to Bob
    And it is quiet for a while
    And Bob's phone accepts invitations again
    And Bob's phone registers again
    Then Eve receives every message of "Book club" since her invitation
    And Bob receives every message of "Book club" since his invitation
    And the participating function has not tried too often to deliver "Book club" to Bob

    Examples:
      | state       |
      | busy        |
      | unavailable |
      | timed out   |

  @CPM-CONV-058a @TP-CPM-CONV-058a-06.no-answer @SHALL @participating-function @slow @drain_shape_live=sendonly_then_rejoin @drain_shape_live=sendrecv
  Scenario: Bob's phone does not answer the delivery at first
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | In due time  | delivered |
      | Carol  | Be patient   |           |
    And Eve's phone registers
    And Bob's phone answers invitations with nothing but ringing
    And Bob's phone registers
    And the participating function has tried to deliver "Book club" to Bob
    And Bob's phone accepts invitations again
    And Bob's phone registers again
    Then Eve receives every message of "Book club" since her invitation
    And Bob receives every message of "Book club" since his invitation

  @CPM-CONV-058a @TP-CPM-CONV-058a-06.declined @policy @participating-function @drain_shape_live=sendonly_then_rejoin @drain_shape_live=sendrecv
  Scenario: Bob declines the delivery
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | In due time  | delivered |
    And Eve's phone registers
    And Bob's phone answers invitations with "declined"
    And Bob's phone registers
    And the participating function has tried to deliver "Book club" to Bob
    And Bob's phone accepts invitations again
    And Bob's phone registers again
    Then Eve receives every message of "Book club" since her invitation
    And Bob gets of "Book club" what the statement says for one who declines the delivery

  @CPM-CONV-058a @TP-CPM-CONV-058a-07.interrupted @SHALL @participating-function
  Scenario: The connection breaks in the middle of the delivery
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text   | asks for  |
      | Alice  | One    | delivered |
      | Carol  | Two    |           |
      | Alice  | Three  | delivered |
      | Carol  | Four   |           |
      | Alice  | Five   | delivered |
    And Bob's phone will lose its connection after 2 messages of "Book club"
    And Bob's phone registers
    And Bob's phone has lost its connection
    And Bob's phone registers again
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And no message of "Book club" reaches Bob under two names
    And the first delivery of "Book club" to Bob had brought 2 messages
