Feature: Whose conversations are kept is for users and their clients to say

  @PF-HIS-01 @TP-PF-HIS-01-03.same-group @SHALL @participating-function @history_request=recipient_setting
  Scenario: Of one group, Bob wants everything kept, and Eve nothing
    Given Bob, a served user of the class "history_on", is online with a phone
    And Eve, a served user of the class "history_off", is online with a phone
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text                      | asks for |
      | Alice  | Shall we meet on Tuesday? |          |
      | Carol  | Tuesday is fine           |          |
    Then "Shall we meet on Tuesday?" is kept in the history of Bob
    And "Tuesday is fine" is kept in the history of Bob
    And nothing of "Shall we meet on Tuesday?" is kept in the history of Eve
    And nothing of "Tuesday is fine" is kept in the history of Eve

  @PF-HIS-01 @TP-PF-HIS-01-03.message @SHALL @participating-function @history_request=recipient_setting
  Scenario: A message to each
    Given Bob, a served user of the class "history_on", is online with a phone
    And Eve, a served user of the class "history_off", is online with a phone
    When Alice sends Bob the message "This is for Bob"
    And Alice sends Eve the message "This is for Eve"
    And Eve's phone sends Alice the message "This is from Eve"
    Then "This is for Bob" is kept in the history of Bob
    And nothing of "This is for Eve" is kept in the history of Eve
    And nothing of "This is from Eve" is kept in the history of Eve

  @PF-HIS-01 @TP-PF-HIS-01-03.by-wish @SHALL @participating-function @history_request=recipient_setting
  Scenario: Bob changes his mind
    Given Bob, a served user, is online with a phone
    And Bob wants conversations kept
    When Alice sends Bob the message "To be remembered"
    Then "To be remembered" is kept in the history of Bob
    When Bob wants no conversations kept
    And Alice sends Bob the message "To be forgotten"
    Then nothing of "To be forgotten" is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-05.message @SHALL @participating-function @history_request=sender_header
  Scenario: Bob's phone asks that one message is kept
    Given Bob, a served user, is online with a phone
    When Bob's phone sends Alice the message "Remember this", asking that it is kept
    And Bob's phone sends Alice the message "Forget this"
    Then "Remember this" is kept in the history of Bob
    And nothing of "Forget this" is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-05.session @SHALL @participating-function @history_request=sender_header @media_path=in
  Scenario: Bob's phone asks that one session is kept
    Given Bob, a served user, is online with a phone
    And the session "Contract" of Alice with Bob
    And the session "Weather" of Carol with Bob
    When Bob's phone calls Alice for "Contract", asking that it is kept
    And Bob's phone says "We agree" in "Contract"
    And Alice says "So we do" in "Contract"
    And Bob's phone calls Carol for "Weather"
    And Bob's phone says "It rains" in "Weather"
    Then "We agree" is kept in the history of Bob
    And "So we do" is kept in the history of Bob
    And nothing of "It rains" is kept in the history of Bob

  @PF-HIS-01 @TP-PF-HIS-01-05.message-by-service @SHALL @participating-function @history_request=feature_tag
  Scenario: Bob's phone asks by the service of history that one message is kept
    Given Bob, a served user, is online with a phone
    When Bob's phone sends Alice the message "Remember this", by the service of history
    And Bob's phone sends Alice the message "Forget this"
    Then "Remember this" is kept in the history of Bob
    And nothing of "Forget this" is kept in the history of Bob
