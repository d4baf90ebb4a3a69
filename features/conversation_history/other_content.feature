Feature: A conversation is more than its chats

  @PF-HIS-01 @TP-PF-HIS-01-06.messages @SHALL @participating-function @history_request=recipient_setting @media_path=in
  Scenario Outline: A <kind> to Bob, and one of his own
    Given Bob, a served user of the class "history_on", is online with a phone
    When Alice sends Bob the <kind> "Shall we have lunch?"
    And Bob's phone sends Alice the <kind> "With pleasure"
    Then "Shall we have lunch?" is kept once in the history of Bob
    And "With pleasure" is kept once in the history of Bob

    Examples:
      | kind          |
      | message       |
      | large message |

  @PF-HIS-01 @TP-PF-HIS-01-06.waited @SHALL @participating-function @history_request=recipient_setting
  Scenario: A message that waited for Bob
    Given Bob, a served user of the class "history_on", is offline
    When Alice sends Bob the message "When you are back"
    And Bob's phone registers
    Then the message "When you are back", which waited, reaches Bob
    And "When you are back" is kept once in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-06.file @SHALL @participating-function @history_request=recipient_setting @media_path=in
  Scenario: A file for Bob
    Given Bob, a served user of the class "history_on", is online with a phone
    And the file transfer "Menu" of Alice with Bob
    And Alice and Bob's phone take files
    When Alice calls Bob for "Menu"
    And Alice sends the file "menu.png" in "Menu"
    And Alice hangs up "Menu"
    Then the file of "Menu" is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-06.report @SHALL @participating-function @history_request=recipient_setting
  Scenario: What becomes of Bob's message
    Given Bob, a served user of the class "history_on", is online with a phone
    When Bob's phone sends Alice the message "Have you got this?", asking for reports of delivery
    Then "Have you got this?" is kept in the history of Bob
    And that "Have you got this?" was delivered is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-06.missed @SHALL @participating-function @history_request=recipient_setting
  Scenario: What Bob missed of a group
    Given Bob, a served user of the class "history_on", is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                      | asks for |
      | Alice  | Shall we meet on Tuesday? |          |
      | Carol  | Tuesday is fine           |          |
    And Bob's phone registers
    Then Bob receives every message of "Book club" since his invitation
    And "Shall we meet on Tuesday?" is kept once in the history of Bob
    And "Tuesday is fine" is kept once in the history of Bob
