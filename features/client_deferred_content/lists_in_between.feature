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
    And what Bob missed of "Book club" is delivered in a session of its own, with the lists in between in the session
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client bears the lists in between of "Book club"
    And Bob's phone shows who came to "Book club" and who went, and when

  @CPM-CONV-058d @TP-CPM-CONV-058d-02.borne @MAY @client
  Scenario: Lists in between come to a client, whether it uses them or not, and the final list counts
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | A word      | delivered |
    And Carol leaves "Book club"
    And what Bob missed of "Book club" is delivered in a session that goes on, with the lists in between by notification
    Then Bob's client bears the lists in between of "Book club"
    And Bob's client takes what is delivered of "Book club"
    And Bob's phone shows who is in "Book club"

  @CPM-CONV-058d @TP-CPM-CONV-058d-03.no-final-list @MAY @client @intermediate=msrp_documents
  Scenario: A delivery ends without a final list, and the next one comes
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text        | asks for  |
      | Alice  | A word      | delivered |
    And Carol leaves "Book club"
    And what Bob missed of "Book club" is delivered in a session of its own, with the lists in between in the session
    And the delivery of "Book club" to Bob ends
    And these messages are sent to "Book club":
      | author | text        | asks for  |
      | Frank  | Another     | delivered |
    And what Bob missed of "Book club" is delivered in a session of its own
    Then Bob's client takes the next delivery of "Book club"
    And Bob's client takes what is delivered of "Book club"
    And Bob's phone keeps what it knew of "Book club"
