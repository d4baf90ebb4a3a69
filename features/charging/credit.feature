Feature: Whoever pays beforehand needs credit

  The charging server is asked before something goes on. Where it refuses, nobody on the other side hears anything, and whoever
  sent it gets a refusal.

  @PF-SES-04 @TP-PF-SES-04-03.called @SHALL @participating-function @charging_interface=rf_ro
  Scenario: Alice calls Bob, who has credit
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Alice hangs up "Lunch"
    Then credit for "Lunch" of Bob is asked for before it goes on
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob

  @PF-SES-04 @TP-PF-SES-04-03.calling @SHALL @participating-function @charging_interface=rf_ro
  Scenario: Bob, who has credit, calls Alice
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Dinner" of Alice with Bob
    When Bob's phone calls Alice for "Dinner"
    And Bob's phone says "Dinner at eight?" in "Dinner"
    And Bob's phone hangs up "Dinner"
    Then credit for "Dinner" of Bob is asked for before it goes on
    And "Dinner at eight?" arrives unchanged in "Dinner" of Bob

  @PF-SES-04 @TP-PF-SES-04-03.message @SHALL @participating-function @charging_interface=rf_ro
  Scenario: Bob, who has credit, writes to Alice, and she writes back
    Given Bob, a served user of the class "prepaid", is online with a phone
    When Bob's phone sends Alice the message "Shall we have lunch?"
    And Alice sends Bob the message "At one o'clock"
    Then credit for the message "Shall we have lunch?" of Bob is asked for
    And Alice gets the message "Shall we have lunch?"
    And Bob's phone gets the message "At one o'clock"
    And credit for the message "At one o'clock" of Bob is asked for

  @PF-SES-04 @TP-PF-SES-04-04.session @SHALL @participating-function @charging_interface=rf_ro
  Scenario Outline: Bob calls Alice, and <why>
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Dinner" of Alice with Bob
    And the session "Breakfast" of Alice with Bob
    When the charging server refuses Bob credit, for <why>
    And Bob's phone calls Alice for "Dinner"
    Then "Dinner" of Bob comes to nothing for want of credit
    When the charging server gives Bob credit again
    And Bob's phone calls Alice for "Breakfast"
    Then credit for "Breakfast" of Bob is asked for before it goes on

    Examples:
      | why                   |
      | the limit is reached  |
      | the service is denied |
      | nobody may use it     |
      | the user is unknown   |
      | there is no tariff    |

  @PF-SES-04 @TP-PF-SES-04-04.called @SHALL @participating-function @charging_interface=rf_ro
  Scenario: Alice calls Eve, who has credit, and Bob, who has none
    Given Bob, a served user of the class "prepaid", is online with a phone
    And Eve, a served user of the class "prepaid", is online with a tablet
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Eve
    When the charging server refuses Bob credit, for the limit is reached
    And Alice calls Bob for "Lunch"
    And Alice calls Eve for "Dinner"
    Then "Lunch" of Bob comes to nothing for want of credit
    And credit for "Dinner" of Eve is asked for before it goes on

  @PF-SES-04 @TP-PF-SES-04-04.message @SHALL @participating-function @charging_interface=rf_ro
  Scenario Outline: Bob writes to Alice, and <why>
    Given Bob, a served user of the class "prepaid", is online with a phone
    When Bob's phone sends Alice the message "This is paid for"
    And the charging server refuses Bob credit, for <why>
    And Bob's phone sends Alice the message "This is not"
    Then credit for the message "This is paid for" of Bob is asked for
    And Alice gets the message "This is paid for"
    And the message "This is not" of Bob goes nowhere for want of credit

    Examples:
      | why                   |
      | the limit is reached  |
      | the service is denied |
      | nobody may use it     |
      | the user is unknown   |
      | there is no tariff    |

  @PF-SES-04 @TP-PF-SES-04-04.for-nothing @SHALL @participating-function @charging_interface=rf_ro
  Scenario: What Bob does costs nothing
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Dinner" of Alice with Bob
    When the charging server asks no credit of Bob
    And Bob's phone calls Alice for "Dinner"
    And Bob's phone says "Dinner at eight?" in "Dinner"
    And Bob's phone sends Alice the message "Are you there?"
    Then "Dinner" of Bob goes on, though no credit is asked of him
    And "Dinner at eight?" arrives unchanged in "Dinner" of Bob
    And the message "Are you there?" of Bob goes on, though no credit is asked of him

  @PF-SES-04 @TP-PF-SES-04-06.credit @SHALL @participating-function @charging_interface=rf_ro
  Scenario: Alice holds a session for which Bob has paid
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice holds "Lunch"
    Then the change of "Lunch" of Bob is charged
    When Alice hangs up "Lunch"
    Then credit for "Lunch" of Bob is asked for before it goes on

  @PF-SES-04 @TP-PF-SES-04-07.called @SHALL @participating-function @final_unit=terminate @charging_interface=rf_ro
  Scenario: Bob's credit is used up while Alice talks to him
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Lunch" of Alice with Bob
    And Bob has credit for 1 second and no more
    When Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Bob's credit is used up
    Then "Lunch" of Bob ends with his credit
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob

  @PF-SES-04 @TP-PF-SES-04-07.calling @SHALL @participating-function @final_unit=terminate @charging_interface=rf_ro
  Scenario: Bob's credit is used up, and Eve's is not
    Given Bob, a served user of the class "prepaid", is online with a phone
    And Eve, a served user of the class "prepaid", is online with a tablet
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Eve
    And Bob has credit for 1 second and no more
    When Bob's phone calls Alice for "Lunch"
    And Eve's tablet calls Carol for "Dinner"
    And Bob's credit is used up
    And Carol says "Still there?" in "Dinner"
    Then "Lunch" of Bob ends with his credit
    And "Still there?" arrives unchanged in "Dinner" of Eve

  @PF-SES-04 @TP-PF-SES-04-07.led-elsewhere @SHALL @participating-function @final_unit=redirect @final_unit=restrict @charging_interface=rf_ro
  Scenario: Bob's credit is used up, and he is led elsewhere or restricted
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Lunch" of Alice with Bob
    And Bob has credit for 1 second and no more
    When Bob's phone calls Alice for "Lunch"
    And Bob's credit is used up
    Then what "Lunch" of Bob has used is told when his credit is used up
