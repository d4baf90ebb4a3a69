Feature: Disposition notifications are delivered with what was missed

  @CPM-CONV-058a @TP-CPM-CONV-058a-05.reports-both-ways @SHALL @participating-function @smoke
  Scenario: The report on Bob's message reaches him, and his reports reach the authors
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When Bob's phone sends "Has anybody read chapter 3?" to "Book club"
    And Bob's phone loses its connection and its registration
    And Carol reports "Has anybody read chapter 3?" as delivered
    And these messages are sent to "Book club":
      | author | text      | asks for             |
      | Alice  | I have    | delivered, displayed |
      | Carol  | Not yet   | delivered            |
    And Bob's phone registers
    Then Bob receives every message of "Book club" that he missed
    And the report of Carol on "Has anybody read chapter 3?" reaches Bob
    And the delivery report of Bob on "I have" reaches Alice
    And the delivery report of Bob on "Not yet" reaches Carol

  @CPM-CONV-058a @TP-CPM-CONV-058a-08.phone-without-reports @SHALL @participating-function
  Scenario: A phone that takes no notifications in a session gets none there, and its messages all the same
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice and Carol
    And Bob's phone takes part in "Book club"
    When Bob's phone sends "Does this work?" to "Book club"
    And Bob's phone loses its connection and its registration
    And Carol reports "Does this work?" as delivered
    And these messages are sent to "Book club":
      | author | text      | asks for  |
      | Alice  | It does   | delivered |
    And Bob's phone takes no notifications in a session
    And Bob's phone registers
    Then Bob receives every message of "Book club" that he missed, if need be at a second registration
    When Bob's phone loses its connection and its registration
    And Bob's phone takes notifications in a session again
    And Carol reports "Does this work?" as displayed
    And Bob's phone registers
    Then the display report of Carol on "Does this work?" reaches Bob
    And no notification of "Book club" reached Bob in a session that takes none

  @CPM-CONV-058a @TP-CPM-CONV-058a-20.gathered @SHALL @participating-function
  Scenario: The reports of many members on Bob's message come gathered in one, and all reach him
    Given Bob, a served user, is online with a phone
    And the group "Book club" of Alice, Carol, Dave and Frank
    And Bob's phone takes part in "Book club"
    When Bob's phone sends "Who is in?" to "Book club"
    And Bob's phone loses its connection and its registration
    And Alice, Carol, Dave and Frank report "Who is in?" as delivered, gathered in one
    And these messages are sent to "Book club":
      | author | text     | asks for  |
      | Alice  | I am     | delivered |
    And Bob's phone registers
    Then Bob receives every message of "Book club" that he missed
    And the delivery reports of Alice, Carol, Dave and Frank on "Who is in?" reach Bob
