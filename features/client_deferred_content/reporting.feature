Feature: The client reports on what its user missed

  @CPM-CONV-058c @TP-CPM-CONV-058c-02.delivered @SHALL @client @smoke
  Scenario: Each message that asks for it is reported as delivered
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text           | asks for             |
      | Alice  | Please confirm | delivered            |
      | Carol  | No need to     |                      |
      | Carol  | Read this      | delivered, displayed |
    And what Bob missed of "Book club" is delivered in a session of its own
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client reports what it got of "Book club" as delivered

  @CPM-CONV-058c @TP-CPM-CONV-058c-02.displayed @SHALL @client
  Scenario: Displayed is reported when Bob opens the chat, and not before
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text           | asks for             |
      | Alice  | Have a look    | delivered, displayed |
      | Carol  | And at this    | displayed            |
    And what Bob missed of "Book club" is delivered in a session that goes on
    And it is quiet for a while
    And Bob opens "Book club" on his phone
    Then Bob's client reports what it got of "Book club" as displayed, and not before it was opened
    And Bob's client takes what is delivered of "Book club"

  @CPM-CONV-058c @TP-CPM-CONV-058c-04.report-in-the-delivery @SHALL @client
  Scenario: A report on Bob's own message comes with what he missed
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Bob says "Has anybody read it?" in "Book club" on his phone
    And Bob's session of "Book club" breaks off
    And Carol reports "Has anybody read it?" as delivered
    And these messages are sent to "Book club":
      | author | text   | asks for  |
      | Carol  | I have | delivered |
    And what Bob missed of "Book club" is delivered in a session that goes on
    Then Bob's client reports what it got of "Book club" as delivered
    And Bob's client does not report on reports of "Book club"

  @CPM-CONV-058c @TP-CPM-CONV-058c-04.state-of-the-message @SHALL @client
  Scenario: The report changes the state of the message that it is about
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Bob says "Has anybody read it?" in "Book club" on his phone
    And Bob says "And the second part?" in "Book club" on his phone
    And Bob's session of "Book club" breaks off
    And Carol reports "Has anybody read it?" as delivered
    And Carol reports "And the second part?" as displayed
    And these messages are sent to "Book club":
      | author | text   | asks for  |
      | Carol  | I have | delivered |
    And what Bob missed of "Book club" is delivered in a session of its own
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client reports what it got of "Book club" as delivered
    And Bob's phone shows "Has anybody read it?" of "Book club" as delivered
    And Bob's phone shows "And the second part?" of "Book club" as displayed

  @CPM-CONV-058c @TP-CPM-CONV-058c-07.stored-notifications @policy @client @client_stored_notifications=true
  Scenario: A session for stored notifications is accepted by itself when the network vouches for its sender
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Bob says "Has anybody read it?" in "Book club" on his phone
    And Bob's session of "Book club" breaks off
    And Carol reports "Has anybody read it?" as delivered
    And notifications stored for Bob in "Book club" are delivered in a session of their own, whose sender nobody vouches for
    Then Bob's client refuses the session for stored notifications
    When notifications stored for Bob in "Book club" are delivered in a session of their own
    Then Bob's client accepts the session for stored notifications
