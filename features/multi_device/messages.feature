Feature: Messages for a user with several devices

  @PF-DEV-02 @TP-PF-DEV-02-01.each @SHALL @participating-function
  Scenario: Bob reads Alice's message on his phone and on his tablet
    Given Bob, a served user, is online with a phone and a tablet
    When Alice sends Bob the message "Wherever you are"
    Then Bob's phone and his tablet get the message "Wherever you are"
    And the message "Wherever you are" is nowhere altered

  @PF-DEV-02 @TP-PF-DEV-02-01.reports @SHALL @participating-function
  Scenario: Both of Bob's devices say that they have the message
    Given Bob, a served user, is online with a phone and a tablet
    When Alice sends Bob the message "Do you have it?", asking for reports of delivery
    Then Bob's phone and his tablet get the message "Do you have it?"
    And the author of "Do you have it?" hears of its delivery to Bob's phone and his tablet as the ledger allows

  @PF-DEV-02 @TP-PF-DEV-02-01.late @SHALL @participating-function
  Scenario: Bob's tablet comes later, and gets what is sent from then on
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the message "On the phone"
    And Bob's tablet registers
    And Alice sends Bob the message "On both"
    Then Bob's phone gets the message "On the phone"
    And Bob's phone and his tablet get the message "On both"

  @PF-DEV-02 @TP-PF-DEV-02-02.one-fails @SHALL @participating-function
  Scenario Outline: Bob's <failing> is out of order, and his <working> has the message
    Given Bob, a served user, is online with a phone and a tablet
    When Alice sends Bob the message "Before"
    And Bob's <failing> answers messages with "out of order"
    And Alice sends Bob the message "After"
    Then Bob's phone and his tablet get the message "Before"
    And Bob's <working> gets the message "After", though his <failing> fails

    Examples:
      | failing | working |
      | tablet  | phone   |
      | phone   | tablet  |

  @PF-DEV-02 @TP-PF-DEV-02-03.one-alone @SHALL @participating-function
  Scenario: Bob wants messages on his tablet only, and later on both
    Given Bob, a served user, is online with a phone and a tablet
    When Bob wants messages on his tablet only
    And Alice sends Bob the message "For the tablet"
    And Bob has no wish about his devices
    And Alice sends Bob the message "For both"
    Then Bob's tablet alone gets the message "For the tablet"
    And Bob's phone and his tablet get the message "For both"
