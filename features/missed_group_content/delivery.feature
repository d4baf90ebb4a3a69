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

  @CPM-CONV-058a @TP-CPM-CONV-058a-02.in-order @SHALL @participating-function @smoke
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
    And it is quiet for a while
    And Bob's watch is deregistered by the user
    And it is quiet for a while
    And Bob's phone registers
    Then Bob's phone receives every message of "Book club" since his invitation
    And nothing of "Book club" reaches Eve
    And nothing of "Book club" reaches Bob's watch

  @CPM-CONV-058a @TP-CPM-CONV-058a-10.farewell @SHALL @participating-function
  Scenario: A deregistration sets no delivery off
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When Bob's phone loses its connection
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | Missed one   | delivered |
      | Carol  | Missed two   |           |
    And Bob's phone is deregistered by the user
    And it is quiet for a while
    And Bob's phone registers
    Then Bob receives every message of "Book club" that he missed
    And nothing of "Book club" came to Bob's phone while it was gone

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
    And no message of "Book club" reaches Bob under two names

  @CPM-CONV-058a @TP-CPM-CONV-058a-14.several-chats @SHALL @participating-function
  Scenario: Two groups and a chat of two wait for Bob, and each comes by itself
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    And the group "Chess club" of Dave and Frank
    And the chat of two "Lunch" with Grace
    When Alice invites Bob to "Book club"
    And Dave invites Bob to "Chess club"
    And Grace invites Bob to "Lunch"
    And these messages are sent to "Book club":
      | author | text            | asks for  |
      | Alice  | About the book  | delivered |
      | Carol  | Not yet read    |           |
    And these messages are sent to "Chess club":
      | author | text            | asks for  |
      | Dave   | e4              | delivered |
    And these messages are sent to "Lunch":
      | author | text            | asks for  |
      | Grace  | Are you hungry? | delivered |
      | Grace  | I am            |           |
    And Carol leaves "Book club"
    And Heidi joins "Chess club"
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob receives every message of "Chess club" since his invitation
    And Bob receives every message of "Lunch" since his invitation
    And nothing of one chat or user reaches another
    And Bob holds the final list of "Book club"
    And Bob holds the final list of "Chess club"

  @CPM-CONV-058a @TP-CPM-CONV-058a-15.amid-the-delivery @SHALL @participating-function
  Scenario: The chat goes on while Bob gets what he missed
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text         | octets | asks for  |
      | Alice  | Stored one   | 40000  | delivered |
      | Carol  | Stored two   | 40000  |           |
      | Alice  | Stored three | 40000  | delivered |
      | Carol  | Stored four  |        |           |
    And Bob's phone registers, and amid the delivery these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | Live one     | delivered |
      | Carol  | Live two     |           |
      | Alice  | Live three   | delivered |
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob in order
    And the delivery report of Bob on "Stored one" reaches Alice
    And the delivery report of Bob on "Live three" reaches Alice
    And Alice gets on "Stored one" of "Book club" no more delivery reports of Bob than the statement says
    And no message of "Book club" reaches Bob under two names

  @CPM-CONV-058a @TP-CPM-CONV-058a-21.learns-to-chat @SHALL @participating-function
  Scenario: Bob's phone registers without chat at first, and with it later
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text               | asks for  |
      | Alice  | Can you chat yet?  | delivered |
      | Carol  | Not yet            |           |
    And Bob's phone, which cannot chat, registers
    And it is quiet for a while
    And Bob's phone, which can chat now, registers again
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And no message of "Book club" reaches Bob under two names

  @CPM-CONV-058a @TP-CPM-CONV-058a-22.rejoins-first @SHALL @participating-function
  Scenario: Bob's phone rejoins before the delivery has begun
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When Bob's phone loses its connection and its registration
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | Missed one   | delivered |
      | Carol  | Missed two   |           |
      | Alice  | Missed three | delivered |
    And Bob's phone rejoins "Book club" and registers
    Then Bob receives every message of "Book club" that he missed
    When it is quiet for a while
    Then Bob's phone receives "Book club" in one stream
    And no message of "Book club" reaches Bob under two names

  @CPM-CONV-058a @TP-CPM-CONV-058a-22.crossing @SHALL @participating-function
  Scenario: Bob's wish to rejoin crosses with the delivery
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When Bob's phone loses its connection and its registration
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | Missed one   | delivered |
      | Carol  | Missed two   |           |
      | Alice  | Missed three | delivered |
    And Bob's phone will rejoin when it is invited
    And Bob's phone registers
    Then Bob receives every message of "Book club" that he missed
    When it is quiet for a while
    Then Bob's phone receives "Book club" in one stream
    And no message of "Book club" reaches Bob under two names
