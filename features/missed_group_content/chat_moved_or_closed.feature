Feature: A chat that moved, was closed to others or was left behind is delivered as what it is

  @CPM-CONV-058a @TP-CPM-CONV-058a-16.started-again @SHALL @participating-function
  Scenario: The chat ended and was started again elsewhere while Bob was away
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text              | asks for  |
      | Alice  | At the old place  | delivered |
      | Carol  | Time to go        |           |
    And "Book club" ends
    And Carol starts "Book club" again
    And these messages are sent to "Book club":
      | author | text              | asks for  |
      | Carol  | At the new place  | delivered |
    And Alice leaves "Book club"
    And Dave joins "Book club"
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And what reaches Bob of "Book club" leads to where it is now
    And Bob holds the final list of "Book club"
    When Bob's phone loses its connection
    And Bob's phone rejoins "Book club"
    Then the wish of Bob to rejoin "Book club" is granted

  @CPM-CONV-058a @TP-CPM-CONV-058a-17.closed-and-open @SHALL @participating-function
  Scenario: A closed group takes nobody in and is not started again, an open one takes Heidi in
    Given Bob, a served user, is offline
    And the closed group "Board" of Alice and Carol
    And the group "Book club" of Dave and Frank
    When Alice invites Bob to "Board"
    And Dave invites Bob to "Book club"
    And these messages are sent to "Board":
      | author | text             | asks for  |
      | Alice  | Among ourselves  | delivered |
      | Carol  | So be it         |           |
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Dave   | All are welcome  | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Board" since his invitation
    And Bob receives every message of "Book club" since his invitation
    And "Board" is still a closed group for Bob
    When Bob's phone asks to add Heidi to "Board"
    And Bob's phone asks to add Heidi to "Book club"
    Then the wish of Bob to add somebody to "Board" is refused
    And the wish of Bob to add somebody to "Book club" is granted
    When "Board" ends
    And Bob's phone restarts "Board" with the list that it holds
    Then the wish of Bob to start "Board" again is refused

  @CPM-CONV-058a @TP-CPM-CONV-058a-18.removed @SHALL @participating-function
  Scenario: Bob is removed while he is away, Eve is not
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text              | asks for  |
      | Alice  | Bob never speaks  | delivered |
      | Carol  | Out with him      |           |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And Bob is removed from "Book club"
    And these messages are sent to "Book club":
      | author | text              | asks for  |
      | Dave   | He is gone        | delivered |
      | Alice  | A pity            |           |
    And Bob's phone registers
    And Eve's phone registers
    Then Eve receives every message of "Book club" since her invitation
    And Bob receives every message of "Book club" up to his removal
    And Bob holds the final list of "Book club"
    When Bob's phone rejoins "Book club"
    Then the wish of Bob to rejoin "Book club" is refused

  @CPM-CONV-058a @TP-CPM-CONV-058a-19.anonymous @SHALL @participating-function
  Scenario: One member hides, the group itself speaks, and Carol stands by her name
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Dave
    And Dave hides who he is in "Book club"
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author    | text                  | asks for  |
      | Dave      | Nobody knows me       | delivered |
      | Carol     | Everybody knows me    | delivered |
      | the group | The group is ten today |          |
    And Alice leaves "Book club"
    And Frank joins "Book club"
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the messages of "Book club" reach Bob unchanged
    And Bob holds the final list of "Book club"
    And the messages of Carol in "Book club" reach Bob under her name
    And nothing tells Bob who hides in "Book club"
