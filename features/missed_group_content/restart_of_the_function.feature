Feature: A restart of the participating function loses nothing that it acknowledged

  @CPM-CONV-058 @TP-CPM-CONV-058-20.killed-after-storing @SHALL @participating-function @restart
  Scenario: It is killed between storing and Bob's return
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text               | asks for  |
      | Alice  | Keep this          | delivered |
      | Carol  | And this           |           |
      | Alice  | And this one too   | delivered |
    And the participating function is killed and started again
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And no message of "Book club" reaches Bob under two names

  @CPM-CONV-058 @TP-CPM-CONV-058-20.killed-while-standing-in @SHALL @participating-function @restart
  Scenario: It is killed in the middle of a chat in which it stands in for Bob
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text               | asks for  |
      | Alice  | Keep this          | delivered |
      | Carol  | And this           |           |
    And the participating function is killed and started again
    And the participating function comes back to "Book club" for Bob, or is out of it for good
    And these messages are sent to "Book club":
      | author | text               | asks for  |
      | Alice  | After the restart  | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" that was acknowledged
    And the messages of "Book club" reach Bob unchanged
    And no message of "Book club" reaches Bob under two names
