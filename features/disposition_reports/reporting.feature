Feature: Authors learn what became of their messages

  @PF-MSG-03 @TP-PF-MSG-03-01.to-a-served-user @SHALL @participating-function
  Scenario Outline: Alice wants to know whether Bob has her message, and whether he has read it
    Given Bob, a served user, is online with a phone
    When Alice sends Bob the <kind> "Have you read this?", asking for reports of delivery and display
    Then Bob gets the message "Have you read this?"
    And the delivery report of Bob on the message "Have you read this?" reaches its author
    When Bob's phone shows the message "Have you read this?"
    Then the display report of Bob on the message "Have you read this?" reaches its author

    Examples:
      | kind          |
      | message       |
      | large message |

  @PF-MSG-03 @TP-PF-MSG-03-01.of-a-served-user @SHALL @participating-function
  Scenario Outline: Bob wants to know whether Carol has his message, and whether she has read it
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Carol sends Bob the message "Are you there?"
    Then Bob gets the message "Are you there?"
    When Bob's phone sends Carol the <kind> "Have you read this?", asking for reports of delivery and display
    Then Carol gets the message "Have you read this?"
    When Carol reports the message "Have you read this?" as delivered
    And Carol reports the message "Have you read this?" as displayed
    Then the delivery report on the message "Have you read this?" comes to Bob, who sent it
    And the display report on the message "Have you read this?" comes to Bob, who sent it

    Examples:
      | kind          |
      | message       |
      | large message |

  @PF-MSG-03 @TP-PF-MSG-03-01.two-devices @SHALL @participating-function @smoke
  Scenario: Both devices of Bob have the message, and both show it
    Given Bob, a served user, is online with a phone and a tablet
    When Alice sends Bob the message "To wherever you are", asking for reports of delivery and display
    Then Bob gets the message "To wherever you are"
    And the delivery report of Bob on the message "To wherever you are" reaches its author
    When Bob's phone shows the message "To wherever you are"
    And Bob's tablet shows the message "To wherever you are"
    Then the display report of Bob on the message "To wherever you are" reaches its author

  @PF-MSG-03 @TP-PF-MSG-03-01.gathered @SHALL @participating-function
  Scenario: Carol reports on two messages at once
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Carol sends Bob the message "Are you there?"
    Then Bob gets the message "Are you there?"
    When Bob's phone sends Carol the message "The first", asking for reports of delivery
    And Bob's phone sends Carol the message "The second", asking for reports of delivery
    And Carol reports the messages "The first" and "The second" as delivered, gathered in one
    Then the delivery report on the message "The first" comes to Bob, who sent it
    And the delivery report on the message "The second" comes to Bob, who sent it

  @PF-MSG-03 @TP-PF-MSG-03-01.compressed @SHALL @participating-function
  Scenario: Carol's report is compressed
    Given Bob, a served user, is online with a phone
    And Carol reports nothing by herself
    When Carol sends Bob the message "Are you there?"
    Then Bob gets the message "Are you there?"
    When Bob's phone sends Carol the message "The first", asking for reports of delivery
    And Bob's phone sends Carol the message "The second", asking for reports of delivery
    And Carol reports the message "The first" as delivered, compressed
    And Carol reports the message "The second" as delivered
    Then the delivery report on the message "The first" comes to Bob, who sent it
    And the delivery report on the message "The second" comes to Bob, who sent it

  @PF-MSG-03 @TP-PF-MSG-03-01.after-waiting @SHALL @participating-function
  Scenario: Bob's phone reports what had waited for it
    Given Bob, a served user, is offline
    When Alice sends Bob the message "When you are back", asking for reports of delivery and display
    And Bob's phone registers
    Then the message "When you are back", which waited, reaches Bob
    And the delivery report of Bob on the message "When you are back" reaches its author
    When Bob's phone shows the message "When you are back"
    Then the display report of Bob on the message "When you are back" reaches its author
