Feature: What was missed is delivered once the client can be reached

  @CPM-CONV-058a @TP-CPM-CONV-058a-01.when-reachable @SHALL @participating-function
  Scenario: Delivery starts when Bob can be reached, and not before
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Waiting for Bob  | delivered |
      | Carol  | Me too           |           |
    And it is quiet for a while
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And nothing of "Book club" reached Bob before he could be reached

  @CPM-CONV-058a @TP-CPM-CONV-058a-02.in-order @SHALL @participating-function
  Scenario: Five messages of three authors, some of them in interleaved chunks, arrive whole and in order
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Dave
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club" in interleaved chunks:
      | author | text                               | octets | asks for             |
      | Alice  | A long one in many chunks          | 12000  | delivered, displayed |
      | Carol  | A second long one                  | 9000   | delivered            |
    And these messages are sent to "Book club":
      | author | text                               | asks for             |
      | Dave   | A short one                        |                      |
      | Alice  | Grüße, und ein Gruß an alle: 你好  | delivered            |
      | Carol  | The last one                       | displayed            |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And the messages of "Book club" reach Bob in order

  @CPM-CONV-058a @TP-CPM-CONV-058a-10.only-who-has-something @SHALL @participating-function
  Scenario: A user without stored content is left alone, and so is a device that cannot chat or leaves
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | Only for Bob | delivered |
    And Eve's phone registers
    And Bob's watch, which cannot chat, registers
    And Bob's watch is deregistered by the user
    And it is quiet for a while
    And Bob's phone registers
    Then Bob's phone receives every message of "Book club" since his invitation
    And nothing of "Book club" reaches Eve
    And nothing of "Book club" reaches Bob's watch

  @CPM-CONV-058a @TP-CPM-CONV-058a-11.not-again @SHALL @participating-function
  Scenario: What was delivered is not delivered again when the phone registers again
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    And the group "Chess club" of Dave and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | Once only   | delivered |
      | Carol  | Also once   |           |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    When it is quiet for a while
    And Bob's phone loses its connection and its registration
    And Dave invites Bob to "Chess club"
    And these messages are sent to "Chess club":
      | author | text        | asks for  |
      | Dave   | Stored since | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Chess club" since his invitation
    And no message of "Book club" reaches Bob a second time
