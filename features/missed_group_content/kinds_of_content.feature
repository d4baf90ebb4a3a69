Feature: Whatever a chat is made of is stored as it is

  @CPM-CONV-058 @TP-CPM-CONV-058-16.kinds @SHALL @participating-function
  Scenario: A file, a large picture in chunks and a place on the map are kept to the octet
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                | content | asks for  |
      | Alice  | Chapter three       | a file  | delivered |
      | Carol  | Where we shall meet | a place | delivered |
    And these messages are sent to "Book club" in interleaved chunks:
      | author | text                | content   | octets | asks for  |
      | Carol  | The cover           | a picture | 150000 | delivered |
      | Alice  | A word on the cover |           | 5000   |           |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And "The cover" of "Book club" reaches Bob whole

  @CPM-CONV-058 @TP-CPM-CONV-058-16.more-than-a-megabyte @SHALL @participating-function
  Scenario: A picture of more than a megabyte is kept whole
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                | content   | octets  | asks for  |
      | Alice  | A word before       |           |         |           |
      | Carol  | The whole library   | a picture | 1100000 | delivered |
      | Alice  | A word after        |           |         | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And "The whole library" of "Book club" reaches Bob whole
    And the messages of "Book club" reach Bob unchanged

  @CPM-CONV-058 @TP-CPM-CONV-058-16.refused-type @SHALL @participating-function @store_policy=refused_types
  Scenario: A type that the provider does not keep is left out, and nothing else
    Given Bob, a served user of the class "type_filter", is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text              | content             | asks for  |
      | Alice  | Before the film   |                     | delivered |
      | Carol  | The film          | of the refused type | delivered |
      | Alice  | The place         | a place             | delivered |
      | Carol  | After the film    |                     |           |
    And Bob's phone registers
    Then Bob receives "Before the film" of "Book club"
    And Bob receives "The place" of "Book club"
    And Bob receives "After the film" of "Book club"
    And "The film" of "Book club" is not delivered to Bob

  @CPM-CONV-058 @TP-CPM-CONV-058-17.what-passes @SHALL @participating-function
  Scenario: Signs of writing and empty items pass, and are not kept
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Alice is writing in "Book club"
    And these messages are sent to "Book club":
      | author | text            | asks for  |
      | Alice  | Took me a while | delivered |
    And these odd items are sent to "Book club":
      | item            |
      | without content |
    And Carol is writing in "Book club"
    And these messages are sent to "Book club":
      | author | text            | asks for  |
      | Carol  | And me          | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And no sign of writing and no empty item of "Book club" is delivered to Bob

  @CPM-CONV-058 @TP-CPM-CONV-058-18.given-up @SHALL @participating-function
  Scenario: A message that its author gives up in the middle never appears, and its neighbours do
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Dave
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club" in interleaved chunks:
      | author | text                 | octets | given up | asks for  |
      | Dave   | Half a thought       | 90000  | yes      | delivered |
      | Alice  | A thought            | 7000   |          | delivered |
      | Carol  | A longer thought     | 20000  |          | delivered |
    And these messages are sent to "Book club":
      | author | text                 | asks for  |
      | Alice  | An afterthought      |           |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And "A longer thought" of "Book club" reaches Bob whole
    And the messages of "Book club" reach Bob unchanged
    And "Half a thought" of "Book club" is not delivered to Bob

  @CPM-CONV-058 @TP-CPM-CONV-058-19.private @SHALL @participating-function
  Scenario: What is said to one alone stays between the two
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text              | only for | asks for  |
      | Alice  | For everybody     |          | delivered |
      | Carol  | For Bob alone     | Bob      | delivered |
      | Carol  | For Eve alone     | Eve      | delivered |
      | Alice  | For all again     |          |           |
    And Bob's phone registers
    And Eve's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Eve receives every message of "Book club" since her invitation
    And "For Bob alone" of "Book club" reaches Bob, for him alone
    And "For Eve alone" of "Book club" reaches Eve, for her alone
    And "For Eve alone" of "Book club" is not delivered to Bob
    And "For Bob alone" of "Book club" is not delivered to Eve
