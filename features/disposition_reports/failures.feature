Feature: Who asked to be told of a failure is told, and nobody else

  An error as answer tells as much as a report. Nobody is told of one recipient both that a message was delivered and that it
  failed.

  @PF-MSG-03 @TP-PF-MSG-03-03.declined @SHALL @participating-function
  Scenario Outline: Bob's phone does not want messages, and Eve's takes them
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a phone
    And Bob's phone answers messages with "<answer>"
    When Alice sends Bob the message "Is it wanted?", asking for reports of delivery and failure
    And Alice sends Bob the message "I do not mind", asking for reports of delivery
    And Alice sends Eve the message "To compare", asking for reports of delivery and failure
    Then Eve gets the message "To compare"
    And the author of the message "Is it wanted?" to Bob learns that it failed
    And the delivery report of Eve on the message "To compare" reaches its author
    And the author of the message "I do not mind" to Bob gets no report of failure
    And the author of the message "To compare" to Eve gets no report of failure

    Examples:
      | answer      |
      | declined    |
      | unsupported |

  @PF-MSG-03 @TP-PF-MSG-03-03.declined-large @SHALL @participating-function
  Scenario: Bob's phone does not want a large message, and Eve's takes it
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a phone
    And Bob's phone answers messages with "declined"
    When Alice sends Bob the large message "Is it wanted?", asking for reports of delivery and failure
    And Alice sends Eve the large message "To compare", asking for reports of delivery and failure
    Then Eve gets the message "To compare"
    And the author of the message "Is it wanted?" to Bob learns that it failed
    And the delivery report of Eve on the message "To compare" reaches its author
    And the author of the message "To compare" to Eve gets no report of failure

  @PF-MSG-03 @TP-PF-MSG-03-03.declined-after-waiting @SHALL @participating-function @deferred_delivery=push
  Scenario: What waited for Bob is declined on his return
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And Bob's phone does not ask to be told what waits
    And Bob's phone answers messages with "declined"
    When Alice sends Bob the message "Is it wanted?", asking for reports of delivery and failure
    And Alice sends Bob the message "I do not mind", asking for reports of delivery
    And Alice sends Eve the message "To compare", asking for reports of delivery and failure
    And Bob's phone registers
    And Eve's phone registers
    Then the message "To compare", which waited, reaches Eve
    And the delivery report of Eve on the message "To compare" reaches its author
    When Bob's phone takes messages again
    And Bob's phone registers again
    Then the author of the message "Is it wanted?" to Bob learns that it failed
    And the author of the message "I do not mind" to Bob gets no report of failure
    And the author of the message "To compare" to Eve gets no report of failure
