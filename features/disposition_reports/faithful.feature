Feature: Reports are passed on as they are, and nobody reports on them

  @PF-MSG-03 @TP-PF-MSG-03-04.on-reports @SHALL @participating-function
  Scenario: Reports go both ways, and none is made on them
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Bob's phone sends Carol the message "From Bob", asking for reports of delivery and display
    And Carol reports the message "From Bob" as delivered
    And Carol reports the message "From Bob" as displayed
    And Carol sends Bob the message "From Carol", asking for reports of delivery and display
    And Bob's phone shows the message "From Carol"
    Then Bob gets the message "From Carol"
    And the delivery report on the message "From Bob" comes to Bob, who sent it
    And the display report on the message "From Bob" comes to Bob, who sent it
    And the delivery report of Bob on the message "From Carol" reaches its author
    And the display report of Bob on the message "From Carol" reaches its author
    And nobody reports on a report to or of Bob

  @PF-MSG-03 @TP-PF-MSG-03-04.on-kept-reports @SHALL @participating-function
  Scenario: A report that waited for Bob is a report still
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Bob's phone sends Carol the message "From Bob", asking for reports of delivery
    And Bob's phone is deregistered by the user
    And Carol reports the message "From Bob" as delivered
    And Bob's phone registers
    Then the delivery report on the message "From Bob" comes to Bob, who sent it
    And nobody reports on a report to or of Bob

  @PF-MSG-03 @TP-PF-MSG-03-04.strange @SHALL @participating-function
  Scenario Outline: A report comes on a message that Bob never sent, and a true one
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Bob's phone sends Carol the message "The only one", asking for reports of delivery
    And Bob's phone is deregistered by the user
    And <first>
    And <second>
    And Bob's phone registers
    Then the delivery report on the message "The only one" comes to Bob, who sent it
    And every report that reaches Bob says what somebody sent

    Examples:
      | first                                                     | second                                                    |
      | Carol reports a message as delivered that Bob never sent  | Carol reports the message "The only one" as delivered     |
      | Carol reports the message "The only one" as delivered     | Carol reports a message as delivered that Bob never sent  |

  @PF-MSG-03 @TP-PF-MSG-03-04.strange-at-once @SHALL @participating-function
  Scenario: A report comes on a message that Bob never sent, while he is there
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Carol sends Bob the message "Are you there?"
    Then Bob gets the message "Are you there?"
    When Bob's phone sends Carol the message "The only one", asking for reports of delivery
    And Carol reports a message as delivered that Bob never sent
    And Carol reports the message "The only one" as delivered
    Then the delivery report on the message "The only one" comes to Bob, who sent it
    And every report that reaches Bob says what somebody sent
