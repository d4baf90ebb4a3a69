Feature: The final list of participants is delivered

  @CPM-CONV-058a @TP-CPM-CONV-058a-03.chat-live @SHALL @participating-function @smoke
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
    When it is quiet for a while
    And Bob's phone restarts "Book club" with the list that it holds
    Then the restart of "Book club" by Bob reaches the conference factory

  @CPM-CONV-058a @TP-CPM-CONV-058a-03.by-notifications @SHALL @participating-function @final_list_carrier=carrier_notify
  Scenario Outline: The list comes in notifications while the chat <state>
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Alice  | Who is coming? | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And "Book club" <state>
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob holds the final list of "Book club" by notifications

    Examples:
      | state   |
      | goes on |
      | ends    |

  @CPM-CONV-058a @TP-CPM-CONV-058a-03.by-invitation @SHALL @participating-function @final_list_carrier=carrier_drain_invite
  Scenario Outline: The list comes with the invitation to the delivery while the chat <state>
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Alice  | Who is coming? | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And "Book club" <state>
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob holds the final list of "Book club" by the invitation

    Examples:
      | state   |
      | goes on |
      | ends    |

  @CPM-CONV-058a @TP-CPM-CONV-058a-03.by-document @SHALL @participating-function @final_list_carrier=carrier_msrp
  Scenario Outline: The list comes as a document among the messages while the chat <state>
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Alice  | Who is coming? | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And "Book club" <state>
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob holds the final list of "Book club" by a document among the messages

    Examples:
      | state   |
      | goes on |
      | ends    |

  @CPM-CONV-058a @TP-CPM-CONV-058a-03.by-message-store @SHALL @participating-function @final_list_carrier=carrier_store
  Scenario Outline: The list comes by the message store while the chat <state>
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Alice  | Who is coming? | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And "Book club" <state>
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And Bob holds the final list of "Book club" by the message store

    Examples:
      | state   |
      | goes on |
      | ends    |
