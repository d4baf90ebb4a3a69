Feature: Who was told what waits may choose

  A device is told what waits for its user. It fetches one message, and rejects another, which is gone then.

  @PF-MSG-04 @TP-PF-MSG-04-05.in-subscription @SHALL @participating-function @deferred_delivery=notify_subscribed
  Scenario: Bob's phone has asked to be told, and Bob wants one of two messages only
    Given Bob, a served user, is online with a phone
    And Bob's phone asks to be told what waits
    And Bob chooses on his phone what to fetch
    When Bob wants messages to wait
    And Alice sends Bob the message "Buy now"
    And Carol sends Bob the message "See you tonight"
    And Bob wants messages at once again
    Then Bob's phone is told that the message "Buy now" waits
    And Bob's phone is told that the message "See you tonight" waits
    When Bob's phone fetches a message that nobody sent
    Then Bob's phone, which asked for a message that nobody sent, gets nothing
    When Bob's phone rejects the message "Buy now"
    And Bob's phone fetches the message "Buy now"
    Then Bob's phone, which asked for the message "Buy now", gets nothing
    When Bob's phone fetches the message "See you tonight"
    Then the message "See you tonight", which waited, reaches Bob's phone

  @PF-MSG-04 @TP-PF-MSG-04-05.told-at-return @SHALL @participating-function @deferred_delivery=notify_unsolicited @deferred_delivery=notify_message
  Scenario: Bob's phone is told when it returns, and Bob wants one of two messages only
    Given Bob, a served user, is offline
    And Bob's phone does not ask to be told what waits
    And Bob chooses on his phone what to fetch
    When Alice sends Bob the message "Buy now"
    And Carol sends Bob the message "See you tonight"
    And Bob's phone registers
    Then Bob's phone is told that the message "Buy now" waits
    And Bob's phone is told that the message "See you tonight" waits
    When Bob's phone rejects the message "Buy now"
    And Bob's phone fetches the message "Buy now"
    Then Bob's phone, which asked for the message "Buy now", gets nothing
    When Bob's phone fetches the message "See you tonight"
    Then the message "See you tonight", which waited, reaches Bob's phone

  @PF-MSG-04 @TP-PF-MSG-04-05.rejected-unasked @SHALL @participating-function @deferred_delivery=notify_subscribed
  Scenario: Whoever did not want to know of failures is not told that Bob rejected the message
    Given Bob, a served user, is online with a phone
    And Bob's phone asks to be told what waits
    And Bob chooses on his phone what to fetch
    When Bob wants messages to wait
    And Carol sends Bob the message "Buy this", asking for reports of delivery
    And Dave sends Bob the message "See you tonight", asking for reports of delivery
    And Bob wants messages at once again
    Then Bob's phone is told that the message "See you tonight" waits
    When Bob's phone rejects the message "Buy this"
    And Bob's phone fetches the message "See you tonight"
    Then the message "See you tonight", which waited, reaches Bob's phone
    And the delivery report of Bob on the message "See you tonight" reaches its author
    And the author of the message "Buy this" to Bob gets no report of failure

  @PF-MSG-04 @TP-PF-MSG-04-05.not-there @SHALL @participating-function
  Scenario: Bob's phone asks for a message that nobody sent, and for one of somebody else
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And Bob chooses on his phone what to fetch
    And Bob's phone answers messages with "unavailable"
    When Alice sends Bob the message "For Bob"
    And Alice sends Eve the message "For Eve"
    And Bob's phone registers
    And Bob's phone fetches a message that nobody sent
    Then Bob's phone, which asked for a message that nobody sent, gets nothing
    When Bob's phone fetches the message "For Eve"
    Then Bob's phone, which asked for the message "For Eve", gets nothing
    When Bob's phone takes messages again
    And Bob's phone fetches the message "For Bob"
    And Eve's phone registers
    Then the message "For Bob", which waited, reaches Bob
    And the message "For Eve", which waited, reaches Eve
