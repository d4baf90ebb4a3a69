Feature: The lists between the first and the last are delivered too

  Who was in the chat when something was said: the first list, what changed in it, and where it changed.

  @CPM-CONV-058b @TP-CPM-CONV-058b-01.initial-list @MAY @participating-function
  Scenario: The list with which Bob was invited reaches him
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | All three of us  | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Dave   | One has changed  | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob receives the list with which he was invited to "Book club"

  @CPM-CONV-058b @TP-CPM-CONV-058b-02.history @MAY @participating-function
  Scenario Outline: At each message Bob can tell who was there, when the chat <state>
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                | asks for  |
      | Alice  | The first of three  |           |
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text                | asks for  |
      | Dave   | Now we are four     | delivered |
    And Carol leaves "Book club"
    And these messages are sent to "Book club":
      | author | text                | asks for  |
      | Alice  | Three again         |           |
    And Frank leaves "Book club"
    And Grace joins "Book club"
    And these messages are sent to "Book club":
      | author | text                | asks for  |
      | Grace  | I am new            | delivered |
    And "Book club" <state>
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob can tell who was in "Book club" at each of its messages
    And Bob holds the final list of "Book club"

    Examples:
      | state   |
      | goes on |
      | ends    |

  @CPM-CONV-058b @CPM-CONV-058a @TP-CPM-CONV-058b-03.last-list-at-least @MAY @participating-function
  Scenario: Whatever is told of the time between, the last list comes
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Dave   | For a moment     | delivered |
    And Dave leaves "Book club"
    And Carol leaves "Book club"
    And Grace joins "Book club"
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob holds the final list of "Book club"

  @CPM-CONV-058b @TP-CPM-CONV-058b-04.versions @MAY @participating-function
  Scenario: Lists come in order, and whoever asks anew gets a whole one first
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text              | asks for  |
      | Alice  | Before the change |           |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text              | asks for  |
      | Dave   | After the change  | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    When Bob's phone asks anew for the members of "Book club"
    Then each round of lists of "Book club" for Bob begins whole and goes on in order
    And Bob can tell who was in "Book club" at each of its messages
    And Bob holds the final list of "Book club"

  @CPM-CONV-058b @TP-CPM-CONV-058b-05.not-told-again @MAY @participating-function
  Scenario: What Bob saw change before he was lost is not told him as new
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice, Carol and Frank
    And Bob's phone takes part in "Book club"
    When Carol leaves "Book club"
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text                   | asks for  |
      | Dave   | Bob saw me come        | delivered |
    And it is quiet for a while
    And Bob's phone loses its connection and its registration
    And Frank leaves "Book club"
    And Grace joins "Book club"
    And these messages are sent to "Book club":
      | author | text                   | asks for  |
      | Grace  | Bob did not see me come | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" that he missed
    And Bob can tell who was in "Book club" at each of its messages
    And no change in "Book club" that Bob had seen is told him again

  @CPM-CONV-058b @TP-CPM-CONV-058b-06.how-it-ends @MAY @participating-function
  Scenario Outline: The lists end with the last one, when the chat <state>
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text            | asks for  |
      | Alice  | How will it end | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And "Book club" <state>
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And the lists of "Book club" for Bob end as the chat does
    And Bob holds the final list of "Book club"

    Examples:
      | state   |
      | goes on |
      | ends    |
