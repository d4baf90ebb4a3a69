Feature: What is said in a conversation is kept in the history of its user

  Bob has his conversations kept. Whoever reads his history later finds who said what, and when, and what he said himself.

  @PF-HIS-01 @TP-PF-HIS-01-01.chat-of-two @SHALL @participating-function @history_request=recipient_setting @media_path=in
  Scenario: A chat of Bob with Alice
    Given Bob, a served user of the class "history_on", is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Bob's phone says "With pleasure" in "Lunch"
    And Alice says "At one o'clock" in "Lunch"
    Then "Shall we have lunch?" is kept in the history of Bob
    And "With pleasure" is kept in the history of Bob
    And "At one o'clock" is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-01.chat-that-bob-begins @SHALL @participating-function @history_request=recipient_setting @media_path=in
  Scenario: A chat that Bob begins
    Given Bob, a served user of the class "history_on", is online with a phone
    And the session "Lunch" of Alice with Bob
    When Bob's phone calls Alice for "Lunch"
    And Bob's phone says "Are you hungry?" in "Lunch"
    And Alice says "Always" in "Lunch"
    And Bob's phone says "So am I" in "Lunch"
    Then "Are you hungry?" is kept in the history of Bob
    And "Always" is kept in the history of Bob
    And "So am I" is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-01.group @SHALL @participating-function @history_request=recipient_setting
  Scenario: A group chat in which Bob takes part
    Given Bob, a served user of the class "history_on", is online with a phone
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                      | asks for |
      | Alice  | Shall we meet on Tuesday? |          |
      | Carol  | Tuesday is fine           |          |
    And Bob's phone sends "At my place then" to "Book club"
    Then "Shall we meet on Tuesday?" is kept in the history of Bob
    And "Tuesday is fine" is kept in the history of Bob
    And "At my place then" is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-02.chat-of-two @SHALL @participating-function @history_request=recipient_setting @media_path=in
  Scenario: A chat of Bob with Alice is over
    Given Bob, a served user of the class "history_on", is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "See you later" in "Lunch"
    And Alice hangs up "Lunch"
    Then "Lunch" can be recognised in the history of Bob
    And "See you later" is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-02.group @SHALL @participating-function @history_request=recipient_setting
  Scenario: A group goes inactive
    Given Bob, a served user of the class "history_on", is online with a phone
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text            | asks for |
      | Alice  | Until next week |          |
    And "Book club" ends
    Then "Book club" can be recognised in the history of Bob
    And "Until next week" is kept in the history of Bob
