Feature: The final list of participants is delivered

  @CPM-CONV-058a @TP-CPM-CONV-058a-03.chat-live @SHALL @participating-function
  Scenario: The chat is still going on when Bob returns
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Alice  | Who is coming? | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text      | asks for  |
      | Dave   | I am here | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob holds the final list of "Book club"

  @CPM-CONV-058a @TP-CPM-CONV-058a-03.chat-ended @SHALL @participating-function
  Scenario: The chat has ended before Bob returns
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Alice  | Who is coming? | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And "Book club" ends
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob holds the final list of "Book club"

  @CPM-CONV-058a @TP-CPM-CONV-058a-04.restart-with-the-list @SHALL @participating-function
  Scenario: Bob restarts an ended chat with the list that he was given
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Alice  | Last words     | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And "Book club" ends
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob holds the final list of "Book club"
    When Bob's phone restarts "Book club" with the list that it holds
    Then the restart of "Book club" by Bob reaches the conference factory
