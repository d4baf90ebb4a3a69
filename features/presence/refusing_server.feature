Feature: The presence server does not want what the function asks for

  Messages and calls go on as if there were no presence. For who is not refused, presence acts.

  @PF-PRS-01 @TP-PF-PRS-01-03.publishing @MAY @participating-function @presence_source=true
  Scenario Outline: The presence server <conduct> what is published of Bob
    Given Bob, a served user of the class "present", is offline
    And Eve, a served user of the class "present", is online with a tablet
    Then Eve is published as open
    When the presence server <conduct> what is published of Bob
    And Bob's phone registers
    And Alice sends Bob the message "Are you there?"
    Then Bob's phone gets the message "Are you there?"
    When Bob's phone is deregistered by the user
    And Alice sends Bob the message "And now?"
    And Bob's phone registers
    Then the message "And now?", which waited, reaches Bob

    Examples:
      | conduct         |
      | refuses         |
      | forbids         |
      | fails at        |
      | does not answer |

  @PF-PRS-01 @TP-PF-PRS-01-03.watching @MAY @participating-function @presence_watcher=true
  Scenario Outline: The presence server <conduct> who watches Bob
    Given Bob, a served user of the class "present", is offline
    And Eve, a served user of the class "present", is online with a tablet
    Then the presence of Eve is watched
    When the presence server <conduct> who watches Bob
    And the presence of Bob is closed
    And the presence of Eve is closed
    And Bob's phone registers
    And it is quiet for a while
    And Alice sends Bob the message "Are you there?"
    And Alice sends Eve the message "And you?"
    Then Bob's phone gets the message "Are you there?"
    And the message "And you?" is kept from Eve, whose presence is closed
    When the presence of Eve is open
    Then the message "And you?" comes, now that the presence of Eve is open

    Examples:
      | conduct         |
      | refuses         |
      | forbids         |
      | fails at        |
      | does not answer |

  @PF-PRS-01 @TP-PF-PRS-01-03.call @MAY @participating-function @presence_watcher=true
  Scenario: The presence server forbids who watches Bob, and Alice calls both
    Given the presence server forbids who watches Bob
    And Bob, a served user of the class "present", is online with a phone
    And Eve, a served user of the class "present", is online with a tablet
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Eve
    Then the presence of Eve is watched
    When the presence of Eve is closed
    And Alice calls Bob for "Lunch"
    And Alice calls Eve for "Dinner"
    Then "Lunch" stands with Bob's phone
    And the call for "Dinner" is kept from Eve, whose presence is closed
