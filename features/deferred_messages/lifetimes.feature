Feature: A message waits as long as it is good for, and no longer

  The author may say how long that is; otherwise the provider does.

  @PF-MSG-04 @TP-PF-MSG-04-02.by-the-author @SHALL @participating-function @expiry_carrier=expires
  Scenario Outline: Of two messages one was good for a short time only
    Given Bob, a served user, is offline
    When Alice sends Bob the <kind> "Lunch in a minute?", to be kept for 2 seconds
    And Alice sends Bob the <kind> "Dinner tomorrow?", to be kept for 3600 seconds
    And 3 seconds pass
    And Bob's phone registers
    Then the message "Dinner tomorrow?", which waited, reaches Bob
    And the message "Lunch in a minute?" has outlived its time, and never reaches Bob

    Examples:
      | kind          |
      | message       |
      | large message |

  @PF-MSG-04 @TP-PF-MSG-04-02.by-the-author-of-cpm @SHALL @participating-function @expiry_carrier=message_expires
  Scenario Outline: Of two messages one was good for a short time only, in the way of CPM
    Given Bob, a served user, is offline
    When Alice sends Bob the <kind> "Lunch in a minute?", to be kept for 2 seconds in the way of CPM
    And Alice sends Bob the <kind> "Dinner tomorrow?", to be kept for 3600 seconds in the way of CPM
    And 3 seconds pass
    And Bob's phone registers
    Then the message "Dinner tomorrow?", which waited, reaches Bob
    And the message "Lunch in a minute?" has outlived its time, and never reaches Bob

    Examples:
      | kind          |
      | message       |
      | large message |

  @PF-MSG-04 @TP-PF-MSG-04-02.in-time @SHALL @participating-function @expiry_carrier=expires @expiry_carrier=message_expires @expiry_carrier=policy
  Scenario: Bob returns in time
    Given Bob, a served user, is offline
    When Alice sends Bob the message "Within the hour, please", to be kept for 3600 seconds
    And Bob's phone registers
    Then the message "Within the hour, please", which waited, reaches Bob

  @PF-MSG-04 @TP-PF-MSG-04-03.of-the-provider @SHALL @participating-function @slow @expiry_carrier=policy @store_policy=retention
  Scenario: One message is older than the provider keeps it, another is younger
    Given Bob, a served user of the class "short_expiry", is offline
    When Alice sends Bob the message "Soon stale", asking for reports of delivery and failure
    And the storage time passes
    And Carol sends Bob the message "Still fresh", asking for reports of delivery
    And Bob's phone registers
    Then the message "Still fresh", which waited, reaches Bob
    And the message "Soon stale" has outlived its time, and never reaches Bob
    And the delivery report of Bob on the message "Still fresh" reaches its author

  @PF-MSG-04 @TP-PF-MSG-04-03.of-the-author @SHALL @participating-function @slow @expiry_carrier=expires
  Scenario: One message outlives the time that its author gave it, and the author wants to know
    Given Bob, a served user, is offline
    When Alice sends Bob the message "Soon stale", to be kept for 2 seconds, asking for reports of delivery and failure
    And Alice sends Bob the message "Nobody cares", to be kept for 2 seconds
    And 3 seconds pass
    And Carol sends Bob the message "Still fresh", to be kept for 3600 seconds
    And Bob's phone registers
    Then the message "Still fresh", which waited, reaches Bob
    And the message "Soon stale" has outlived its time, and never reaches Bob
    And the message "Nobody cares" has outlived its time, and never reaches Bob
    And the author of the message "Nobody cares" to Bob gets no report of failure

  @PF-MSG-04 @TP-PF-MSG-04-03.of-the-author-of-cpm @SHALL @participating-function @slow @expiry_carrier=message_expires
  Scenario: One large message outlives the time that its author gave it in the way of CPM
    Given Bob, a served user, is offline
    When Alice sends Bob the large message "Soon stale", to be kept for 2 seconds in the way of CPM, asking for reports of failure
    And 3 seconds pass
    And Carol sends Bob the large message "Still fresh", to be kept for 3600 seconds in the way of CPM
    And Bob's phone registers
    Then the message "Still fresh", which waited, reaches Bob
    And the message "Soon stale" has outlived its time, and never reaches Bob
