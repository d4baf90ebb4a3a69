Feature: The client takes what its user missed

  @CPM-CONV-058c @TP-CPM-CONV-058c-01.own-session @SHALL @client @smoke
  Scenario: What was missed comes in a session in which the client only receives
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text             | asks for             |
      | Alice  | Who is coming?   | delivered, displayed |
      | Carol  | I am             | delivered            |
    And what Bob missed of "Book club" is delivered in a session of its own
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client reports what it got of "Book club" as delivered

  @CPM-CONV-058c @TP-CPM-CONV-058c-01.goes-on @SHALL @client
  Scenario: What was missed comes in the session in which the chat goes on
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text             | asks for             |
      | Alice  | Who is coming?   | delivered, displayed |
      | Carol  | I am             |                      |
    And what Bob missed of "Book club" is delivered in a session that goes on
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client reports what it got of "Book club" as delivered

  @CPM-CONV-058c @TP-CPM-CONV-058c-05.bears-odd-things @SHALL @client
  Scenario: A message comes twice, and the delivery is in nobody's name
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text           | asks for  |
      | Alice  | Once is enough | delivered |
    And what Bob missed of "Book club" is delivered in a session that goes on, in nobody's name
    And "Once is enough" of "Book club" is delivered to Bob once more
    And these messages are sent to "Book club":
      | author | text           | asks for  |
      | Carol  | Something new  | delivered |
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client keeps its sessions of "Book club"
    And Bob's client reports what it got of "Book club" as delivered

  @CPM-CONV-058c @TP-CPM-CONV-058c-05.no-number @SHALL @client
  Scenario: The delivery is in the name of a member who has no number, and a new message is shown all the same
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text       | asks for  |
      | Alice  | First word | delivered |
      | Carol  | Next word  | delivered |
    And what Bob missed of "Book club" is delivered in a session that goes on, in the name of a member without a number
    And "First word" of "Book club" is delivered to Bob once more
    And these messages are sent to "Book club":
      | author | text       | asks for  |
      | Carol  | Last word  | delivered |
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client keeps its sessions of "Book club"
    And Bob's phone shows "First word" of "Book club" once
    And Bob's phone shows "Next word" of "Book club" once
    And Bob's phone shows "Last word" of "Book club" once

  @CPM-CONV-058c @TP-CPM-CONV-058c-09.both-sessions @SHALL @client
  Scenario: The chat goes on in one session while what was missed comes in another
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Said before      | delivered |
    And Alice invites Bob to "Book club"
    And what Bob missed of "Book club" is delivered in a session of its own
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Carol  | Said just now    | delivered |
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client keeps both sessions of "Book club"
    And Bob's client reports what it got of "Book club" as delivered

  @CPM-CONV-058c @TP-CPM-CONV-058c-09.one-chat @SHALL @client
  Scenario: Two sessions of one chat are one chat for Bob
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Said before      | delivered |
    And Alice invites Bob to "Book club"
    And what Bob missed of "Book club" is delivered in a session of its own
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Carol  | Said just now    | delivered |
    Then Bob's client keeps both sessions of "Book club"
    And Bob's phone shows "Book club" as one chat
    And Bob's phone shows "Said before" of "Book club" once
    And Bob's phone shows "Said just now" of "Book club" once
