Feature: The participating function has sessions on behalf of its user

  @PF-SES-02 @TP-PF-SES-02-01.stands-in-and-delivers @SHALL @participating-function
  Scenario: It stands in for Bob, delivers to him, and brings him back into the group
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                 | asks for  |
      | Alice  | The next book is out | delivered |
      | Carol  | I have it already    |           |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And what is done in "Book club" on behalf of Bob bears his name
