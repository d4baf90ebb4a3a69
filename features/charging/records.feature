Feature: What served users do is recorded for the bill

  Whoever pays afterwards is charged by records: two for a session, with others in between where it changes, and one for each
  message. A record is told from others by the charging identifier that the requests bear.

  @PF-SES-04 @TP-PF-SES-04-01.called @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario: Alice calls Bob, and hangs up
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Alice hangs up "Lunch"
    Then "Lunch" of Bob is recorded from its beginning to its end
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob

  @PF-SES-04 @TP-PF-SES-04-01.calling @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario: Bob calls Alice, and hangs up
    Given Bob, a served user, is online with a phone
    And the session "Dinner" of Alice with Bob
    When Bob's phone calls Alice for "Dinner"
    And Bob's phone says "Dinner at eight?" in "Dinner"
    And Bob's phone hangs up "Dinner"
    Then "Dinner" of Bob is recorded from its beginning to its end
    And "Dinner at eight?" arrives unchanged in "Dinner" of Bob

  @PF-SES-04 @TP-PF-SES-04-01.each-user @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario: Sessions of two users, and two of one, have records of their own
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And the session "Lunch" of Alice with Bob
    And the session "Tea" of Alice with Bob
    And the session "Dinner" of Carol with Eve
    When Alice calls Bob for "Lunch"
    And Carol calls Eve for "Dinner"
    And Alice hangs up "Lunch"
    And Alice calls Bob for "Tea"
    And Eve's tablet hangs up "Dinner"
    And Bob's phone hangs up "Tea"
    Then "Lunch" of Bob is recorded from its beginning to its end
    And "Tea" of Bob is recorded from its beginning to its end
    And "Dinner" of Eve is recorded from its beginning to its end

  @PF-SES-04 @TP-PF-SES-04-02.to-the-user @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario: Alice writes to Bob
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "Shall we have lunch?"
    Then the message "Shall we have lunch?" of Bob is recorded once
    And Bob's phone gets the message "Shall we have lunch?"

  @PF-SES-04 @TP-PF-SES-04-02.by-the-user @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario: Bob writes to Alice
    Given Bob, a served user, is online with a phone
    When Bob's phone sends Alice the message "Shall we have lunch?"
    Then the message "Shall we have lunch?" of Bob is recorded once
    And Alice gets the message "Shall we have lunch?"

  @PF-SES-04 @TP-PF-SES-04-02.several @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario: Three messages of two users are three records
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    When Alice sends Bob the message "First"
    And Alice sends Bob the message "Second"
    And Eve's tablet sends Alice the message "Third"
    Then the message "First" of Bob is recorded once
    And the message "Second" of Bob is recorded once
    And the message "Third" of Eve is recorded once

  @PF-SES-04 @TP-PF-SES-04-06.change @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario Outline: <who> <changes>
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And <who> <changes>
    Then the change of "Lunch" of Bob is charged
    When <who> hangs up "Lunch"
    Then "Lunch" of Bob is recorded from its beginning to its end

    Examples:
      | who         | changes                      |
      | Alice       | holds "Lunch"                |
      | Bob's phone | holds "Lunch" by an update   |

  @PF-SES-04 @TP-PF-SES-04-06.waiting @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario: Alice writes to Bob, who is offline
    Given Bob, a served user, is offline
    When Alice sends Bob the message "Call me when you can"
    And it is quiet for a while
    And Bob's phone registers
    Then the message "Call me when you can", which waited, reaches Bob
    And the message "Call me when you can", which waited, is charged to Bob

  @PF-SES-04 @TP-PF-SES-04-06.waiting-large @SHALL @participating-function @charging_interface=rf_ro @charging_interface=nchf @charging_interface=files
  Scenario: Alice writes something long to Bob, who is offline
    Given Bob, a served user, is offline
    When Alice sends Bob the large message "The whole story"
    And it is quiet for a while
    And Bob's phone registers
    Then the message "The whole story", which waited, reaches Bob
    And the message "The whole story", which waited, is charged to Bob
