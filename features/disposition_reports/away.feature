Feature: A report waits for an author who has gone

  @PF-MSG-03 @TP-PF-MSG-03-02.one @SHALL @participating-function
  Scenario Outline: Bob writes to Carol and goes; Carol's report comes meanwhile
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Bob's phone sends Carol the message "Tell me tomorrow", asking for reports of delivery and display
    And Bob's phone is deregistered by the user
    And Carol reports the message "Tell me tomorrow" as <what>
    And it is quiet for a while
    And Bob's phone registers
    Then the <report> report on the message "Tell me tomorrow" comes to Bob, who sent it

    Examples:
      | what      | report   |
      | delivered | delivery |
      | displayed | display  |

  @PF-MSG-03 @TP-PF-MSG-03-02.several @SHALL @participating-function
  Scenario: Several reports wait for Bob, and one for Eve
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a phone
    And Carol reports nothing by herself
    And Dave reports nothing by himself
    When Bob's phone sends Carol the message "To Carol", asking for reports of delivery and display
    And Bob's phone sends Dave the message "To Dave", asking for reports of delivery
    And Eve's phone sends Dave the message "From Eve", asking for reports of delivery
    And Bob's phone is deregistered by the user
    And Eve's phone is deregistered by the network
    And Carol reports the message "To Carol" as delivered
    And Dave reports the message "To Dave" as delivered
    And Dave reports the message "From Eve" as delivered
    And Carol reports the message "To Carol" as displayed
    And Bob's phone registers
    And Eve's phone registers
    Then the delivery report on the message "To Carol" comes to Bob, who sent it
    And the display report on the message "To Carol" comes to Bob, who sent it
    And the delivery report on the message "To Dave" comes to Bob, who sent it
    And the delivery report on the message "From Eve" comes to Eve, who sent it
    And every report that reaches Bob says what somebody sent
    And every report that reaches Eve says what somebody sent

  @PF-MSG-03 @TP-PF-MSG-03-02.gathered @SHALL @participating-function
  Scenario: Reports gathered in one wait for Bob
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Bob's phone sends Carol the message "The first", asking for reports of delivery
    And Bob's phone sends Carol the message "The second", asking for reports of delivery
    And Bob's phone is deregistered by the user
    And Carol reports the messages "The first" and "The second" as delivered, gathered in one
    And it is quiet for a while
    And Bob's phone registers
    Then the delivery report on the message "The first" comes to Bob, who sent it
    And the delivery report on the message "The second" comes to Bob, who sent it

  @PF-MSG-03 @TP-PF-MSG-03-02.compressed @SHALL @participating-function
  Scenario: A compressed report waits for Bob
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Bob's phone sends Carol the message "The first", asking for reports of delivery
    And Bob's phone sends Carol the message "The second", asking for reports of delivery
    And Bob's phone is deregistered by the user
    And Carol reports the message "The first" as delivered, compressed
    And Carol reports the message "The second" as delivered
    And Bob's phone registers
    Then the delivery report on the message "The first" comes to Bob, who sent it
    And the delivery report on the message "The second" comes to Bob, who sent it

  @PF-MSG-03 @TP-PF-MSG-03-05.killed @SHALL @participating-function @restart
  Scenario: The function is killed while a report waits
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Bob's phone sends Carol the message "Tell me tomorrow", asking for reports of delivery and display
    And Bob's phone is deregistered by the user
    And Carol reports the message "Tell me tomorrow" as delivered
    And Carol reports the message "Tell me tomorrow" as displayed
    And the participating function is killed and started again
    And Bob's phone registers
    Then the delivery report on the message "Tell me tomorrow" comes to Bob, who sent it
    And the display report on the message "Tell me tomorrow" comes to Bob, who sent it
