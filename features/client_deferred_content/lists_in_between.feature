Feature: The client is told who came and who went while its user was away

  @CPM-CONV-058d @TP-CPM-CONV-058d-01.by-notification @MAY @client @intermediate=notify_chain
  Scenario: Lists come by notification between the messages
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Before the change | delivered |
    And Carol leaves "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | In between        | delivered |
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Dave   | After the change  | delivered |
    And what Bob missed of "Book club" is delivered in a session that goes on, with the lists in between by notification
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client bears the lists in between of "Book club"
    And Bob's phone shows who came to "Book club" and who went, and when

  @CPM-CONV-058d @TP-CPM-CONV-058d-01.in-the-session @MAY @client @intermediate=msrp_documents
  Scenario: Lists come as documents between the messages
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Before the change | delivered |
    And Carol leaves "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | In between        | delivered |
    And Dave joins "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Dave   | After the change  | delivered |
    And what Bob missed of "Book club" is delivered in a session of its own, with the lists in between in the session
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client bears the lists in between of "Book club"
    And Bob's phone shows who came to "Book club" and who went, and when

  @CPM-CONV-058d @TP-CPM-CONV-058d-01.final-list-wins @MAY @client @intermediate=msrp_documents
  Scenario: What the group tells now counts for more than what was kept of former times
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Before the change | delivered |
    And Carol leaves "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | In between        | delivered |
    And Dave joins "Book club"
    And what Bob missed of "Book club" is delivered in a session of its own, with the lists in between in the session and the last change in the final one alone
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client bears the lists in between of "Book club"
    And Bob's phone shows who is in "Book club"

  @CPM-CONV-058c @CPM-CONV-058d @TP-CPM-CONV-058d-02.by-notification @MAY @client
  Scenario: Lists in between come by notification, whether the client uses them or not, and the final list counts
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | A word      | delivered |
    And Carol leaves "Book club"
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Frank  | Another     | delivered |
    And Dave joins "Book club"
    And what Bob missed of "Book club" is delivered in a session that goes on, with the lists in between by notification
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Dave   | A third     | delivered |
    Then Bob's client bears the lists in between of "Book club"
    And Bob's client takes what is delivered of "Book club"
    And Bob's phone shows who is in "Book club"

  @CPM-CONV-058c @CPM-CONV-058d @TP-CPM-CONV-058d-02.in-the-session @MAY @client
  Scenario: Lists in between come in the session, whether the client uses them or not, and the final list counts
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | A word      | delivered |
    And Carol leaves "Book club"
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Frank  | Another     | delivered |
    And Dave joins "Book club"
    And "Book club" ends
    And what Bob missed of "Book club" is delivered in a session of its own, with the lists in between in the session
    And the delivery of "Book club" to Bob ends
    And Bob restarts "Book club" on his phone
    Then Bob's client bears the lists in between of "Book club"
    And Bob's client takes what is delivered of "Book club"
    And Bob's client restarts "Book club" with the final list

  @CPM-CONV-058d @TP-CPM-CONV-058d-03.in-the-session @MAY @client @intermediate=msrp_documents
  Scenario: Lists in between come in the session and no final one, and then the next delivery
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | Welcome     | delivered |
    Then Bob's phone shows who is in "Book club"
    When Bob's session of "Book club" breaks off
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | A word      | delivered |
    And Carol leaves "Book club"
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Frank  | Another     | delivered |
    And Dave joins "Book club"
    And what Bob missed of "Book club" is delivered in a session of its own, with the lists in between in the session and no final one
    And the delivery of "Book club" to Bob ends
    Then Bob's client bears the lists in between of "Book club"
    And Bob's phone keeps what it knew of "Book club"
    When these messages are sent to "Book club":
      | author | text        | asks for  |
      | Frank  | A third     | delivered |
    And what Bob missed of "Book club" is delivered in a session of its own
    Then Bob's client takes the next delivery of "Book club"
    And Bob's client reports what it got of "Book club" as delivered
    And Bob's phone shows who is in "Book club"

  @CPM-CONV-058d @TP-CPM-CONV-058d-03.by-notification @MAY @client @intermediate=notify_chain
  Scenario: Lists in between come by notification and no final one, and then the next delivery
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | Welcome     | delivered |
    Then Bob's phone shows who is in "Book club"
    When Bob's session of "Book club" breaks off
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | A word      | delivered |
    And Carol leaves "Book club"
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Frank  | Another     | delivered |
    And Dave joins "Book club"
    And what Bob missed of "Book club" is delivered in a session of its own, with the lists in between by notification and no final one
    And the delivery of "Book club" to Bob ends
    Then Bob's client bears the lists in between of "Book club"
    And Bob's phone keeps what it knew of "Book club"
    When these messages are sent to "Book club":
      | author | text        | asks for  |
      | Frank  | A third     | delivered |
    And what Bob missed of "Book club" is delivered in a session of its own
    Then Bob's client takes the next delivery of "Book club"
    And Bob's client reports what it got of "Book club" as delivered
    And Bob's phone shows who is in "Book club"
