Feature: A store that fails holds up nobody, and loses nothing

  @PF-HIS-01 @TP-PF-HIS-01-04.messages @SHALL @participating-function @history_request=recipient_setting
  Scenario: The store fails while Alice writes
    Given Bob, a served user of the class "history_on", is online with a phone
    When Alice sends Bob the message "Before"
    Then "Before" is kept in the history of Bob
    When the message store fails for Bob
    And Alice sends Bob the message "Meanwhile"
    And it is quiet for a while
    And Bob's phone sends Alice the message "Back again"
    Then Bob's phone gets the message "Meanwhile"
    And Alice gets the message "Back again"
    When the message store works again for Bob
    Then "Meanwhile" is kept in the history of Bob after all
    And "Back again" is kept in the history of Bob after all

  @PF-HIS-01 @TP-PF-HIS-01-04.chat @SHALL @participating-function @history_request=recipient_setting @media_path=in
  Scenario: The store fails in the middle of a chat
    Given Bob, a served user of the class "history_on", is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    Then "Shall we have lunch?" is kept in the history of Bob
    When the message store fails for Bob
    And Bob's phone says "With pleasure" in "Lunch"
    And Alice says "At one o'clock" in "Lunch"
    Then "With pleasure" arrives unchanged in "Lunch" of Bob
    And "At one o'clock" arrives unchanged in "Lunch" of Bob
    When the message store works again for Bob
    Then "With pleasure" is kept in the history of Bob after all
    And "At one o'clock" is kept in the history of Bob after all

  @PF-HIS-01 @TP-PF-HIS-01-04.of-one-user @SHALL @participating-function @history_request=recipient_setting
  Scenario: What fails for Bob works for Eve
    Given Bob, a served user of the class "history_on", is online with a phone
    And Eve, a served user of the class "history_on", is online with a phone
    When the message store fails for Bob
    And Alice sends Bob the message "For Bob"
    And Alice sends Eve the message "For Eve"
    Then Bob's phone gets the message "For Bob"
    And "For Eve" is kept in the history of Eve
    When the message store works again for Bob
    Then "For Bob" is kept in the history of Bob after all
