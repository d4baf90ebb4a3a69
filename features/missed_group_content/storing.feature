Feature: What a user misses of a group chat is stored

  A participating function stands in for a user who cannot take part in a group chat that he was invited to. Storing
  itself cannot be seen from outside: its proof is that everything is delivered later.

  @CPM-CONV-058 @TP-CPM-CONV-058-01.offline-from-the-start @SHALL @participating-function @smoke
  Scenario: Bob was offline for the whole chat
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                      | asks for             |
      | Alice  | Shall we meet on Tuesday? | delivered, displayed |
      | Carol  | Tuesday is fine           | delivered            |
      | Alice  | At my place then          |                      |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text            | asks for  |
      | Dave   | Hello everybody | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged

  @CPM-CONV-058 @TP-CPM-CONV-058-02.joined-later @SHALL @participating-function
  Scenario: Bob joins while the chat goes on, and nothing is lost at the seam
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | The first    | delivered |
      | Carol  | The second   |           |
    And Bob's phone registers while these messages are sent to "Book club":
      | author | text         | asks for  |
      | Alice  | The third    | delivered |
      | Carol  | The fourth   |           |
      | Alice  | The fifth    |           |
    And these messages are sent to "Book club":
      | author | text         | asks for  |
      | Carol  | The last one | delivered |
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And no message of "Book club" reaches Bob under two names

  @CPM-CONV-058 @TP-CPM-CONV-058-06.odd-items @SHALL @participating-function
  Scenario: Items that cannot be stored do no harm to those that can
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text            | asks for  |
      | Alice  | Before the odds | delivered |
    And these odd items are sent to "Book club":
      | item              |
      | without envelope  |
      | of a barred type  |
      | without content   |
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Carol  | After the odds | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And the odd items of "Book club" for Bob were handled well

  @CPM-CONV-058 @TP-CPM-CONV-058-07.no-early-report @SHALL @participating-function
  Scenario: Stored is not delivered, and no report says so
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                 | asks for             |
      | Alice  | Did you get this?    | delivered, displayed |
      | Carol  | And this?            | delivered            |
    And it is quiet for a while
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the delivery report of Bob on "Did you get this?" reaches Alice
    And the delivery report of Bob on "And this?" reaches Carol
    And no report of Bob in "Book club" came before he had the message

  @CPM-CONV-058 @TP-CPM-CONV-058-08.kept-apart @SHALL @participating-function
  Scenario: What is stored for one user and one chat stays apart from all other
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    And the group "Chess club" of Dave and Frank
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And Dave invites Bob to "Chess club"
    And these messages are sent to "Book club":
      | author | text              | asks for  |
      | Alice  | About the book    | delivered |
      | Carol  | Not yet read      |           |
    And these messages are sent to "Chess club":
      | author | text              | asks for  |
      | Dave   | e4                | delivered |
      | Frank  | c5                |           |
    And Bob's phone registers
    And Eve's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob receives every message of "Chess club" since his invitation
    And Eve receives every message of "Book club" since her invitation
    And nothing of one chat or user reaches another

  @CPM-CONV-058 @TP-CPM-CONV-058-13.invited-late @SHALL @participating-function
  Scenario: Bob is invited to a chat that has been going on, and Eve never is
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    When these messages are sent to "Book club":
      | author | text               | asks for  |
      | Carol  | Shall we ask Bob?  | delivered |
      | Alice  | I will             |           |
    And Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text               | asks for  |
      | Alice  | Welcome, Bob       | delivered |
      | Carol  | We meet on Tuesday |           |
    And Bob's phone registers
    And Eve's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And nothing of "Book club" reaches Eve
