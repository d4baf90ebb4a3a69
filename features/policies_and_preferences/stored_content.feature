Feature: What was stored before a user blocked somebody

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-07.inviter-blocked @policy @participating-function
  Scenario: Carol invites Bob and writes to him, and then he blocks her
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Carol invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                | asks for  |
      | Carol  | Said before         | delivered |
      | Alice  | And what I say      | delivered |
      | Carol  | One more thing      |           |
      | Alice  | And that is it      |           |
    And Bob blocks Carol
    And Bob's phone registers
    Then Bob gets of "Book club" what others than Carol wrote
