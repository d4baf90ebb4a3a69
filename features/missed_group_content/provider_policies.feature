Feature: Storing is subject to the policies of the service provider

  @CPM-CONV-058 @TP-CPM-CONV-058-04.storing-off @SHALL @participating-function
  Scenario: Storing is on for Bob and off for Eve in the same chat
    Given Bob, a served user, is offline
    And Eve, a served user of the class "store_off", is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text            | asks for  |
      | Alice  | For those away  | delivered |
      | Carol  | Another one     |           |
    And Bob's phone registers
    And Eve's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And nothing of "Book club" reaches Eve

  @CPM-CONV-058 @TP-CPM-CONV-058-05.interest-ended @policy @participating-function
  Scenario Outline: Bob <conduct>, while Eve is merely absent
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Eve to "Book club"
    And Alice invites Bob to "Book club", who <conduct>
    And these messages are sent to "Book club":
      | author | text                  | asks for  |
      | Alice  | Bob is not interested | delivered |
      | Carol  | A pity                |           |
    And Bob's phone registers again
    And Eve's phone registers
    Then Eve receives every message of "Book club" since her invitation
    And Bob gets of "Book club" what the statement says for one who <conduct>

    Examples:
      | conduct            |
      | declines           |
      | joins and leaves   |

  @CPM-CONV-058 @TP-CPM-CONV-058-14.small-quota @SHALL @participating-function @store_policy=quota
  Scenario: Bob's quota is reached in the middle of the chat, Eve has none
    Given Bob, a served user of the class "small_quota", is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text          | asks for  |
      | Alice  | The first     | delivered |
      | Carol  | The second    |           |
      | Alice  | The third     |           |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text          | asks for  |
      | Dave   | The fourth    | delivered |
      | Alice  | The fifth     |           |
    And Bob's phone registers
    And Eve's phone registers
    Then Eve receives every message of "Book club" since her invitation
    And Bob receives of "Book club" what his quota lets be kept
    And Bob holds the final list of "Book club"
