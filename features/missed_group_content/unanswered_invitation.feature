Feature: A user who never answers an invitation misses nothing

  @CPM-CONV-058 @TP-CPM-CONV-058-09.rings-without-answer @SHALL @participating-function @slow
  Scenario: Bob's phone rings until the participating function gives up
    Given Bob, a served user, is online with a phone
    And Bob's phone answers invitations with nothing but ringing
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                     | asks for  |
      | Alice  | Bob does not pick up     | delivered |
      | Carol  | He will read it later    |           |
    And Bob's phone accepts invitations again
    And Bob's phone registers again
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged

  @CPM-CONV-058 @TP-CPM-CONV-058-09.group-gives-up-first @SHALL @participating-function @slow
  Scenario: The group gives up before the participating function does
    Given Bob, a served user, is online with a phone
    And Bob's phone answers invitations with nothing but ringing
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club", and the group gives up while it rings
    And the participating function comes back to "Book club" for Bob, or is out of it for good
    And these messages are sent to "Book club":
      | author | text                     | asks for  |
      | Alice  | Bob did not pick up      | delivered |
      | Carol  | He will read it later    |           |
    And Bob's phone accepts invitations again
    And Bob's phone registers again
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged

  @CPM-CONV-058 @TP-CPM-CONV-058-09.busy @SHALL @participating-function @slow @stand_in_on=busy_486
  Scenario: Bob's phone answers the invitation with "busy"
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    When Bob's phone answers invitations with "busy"
    And Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                     | asks for  |
      | Alice  | Bob does not pick up     | delivered |
      | Carol  | He will read it later    |           |
    And Bob's phone accepts invitations again
    And Bob's phone registers again
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged

  @CPM-CONV-058 @TP-CPM-CONV-058-09.unavailable @SHALL @participating-function @slow @stand_in_on=unavailable_480
  Scenario: Bob's phone answers the invitation with "unavailable"
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    When Bob's phone answers invitations with "unavailable"
    And Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                     | asks for  |
      | Alice  | Bob does not pick up     | delivered |
      | Carol  | He will read it later    |           |
    And Bob's phone accepts invitations again
    And Bob's phone registers again
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged

  @CPM-CONV-058 @TP-CPM-CONV-058-09.timed-out @SHALL @participating-function @slow @stand_in_on=timeout_408
  Scenario: Bob's phone answers the invitation with "timed out"
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    When Bob's phone answers invitations with "timed out"
    And Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                     | asks for  |
      | Alice  | Bob does not pick up     | delivered |
      | Carol  | He will read it later    |           |
    And Bob's phone accepts invitations again
    And Bob's phone registers again
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
