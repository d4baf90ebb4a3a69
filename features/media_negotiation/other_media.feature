Feature: Other media beside messages are passed on or refused, each by itself

  @PF-SES-05 @TP-PF-SES-05-05.beside @SHALL @participating-function
  Scenario Outline: Alice offers <media> besides, and the messages are usable in any case
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Alice offers <media> besides
    And Bob's phone takes whatever is offered besides
    When Alice calls Bob for "Lunch"
    And Alice says "We can write" in "Lunch"
    And Bob's phone says "We can" in "Lunch"
    Then each medium of "Lunch" of Bob is passed on or refused
    And "We can write" arrives unchanged in "Lunch" of Bob
    And "We can" arrives unchanged in "Lunch" of Bob

    Examples:
      | media               |
      | sound               |
      | secured sound       |
      | sound and video     |
      | a floor             |
      | a floor by messages |
      | talk bursts         |

  @PF-SES-05 @TP-PF-SES-05-05.not-taken @SHALL @participating-function
  Scenario: Bob's phone takes messages alone, and Alice learns it medium by medium
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Alice offers sound and video besides
    When Alice calls Bob for "Lunch"
    And Alice says "Then we write" in "Lunch"
    Then each medium of "Lunch" of Bob is passed on or refused
    And "Then we write" arrives unchanged in "Lunch" of Bob

  @PF-SES-05 @TP-PF-SES-05-05.originating @SHALL @participating-function
  Scenario: Bob's phone offers sound besides
    Given Bob, a served user, is online with a phone
    And the session "Dinner" of Alice with Bob
    And Bob's phone offers sound besides
    And Alice takes whatever is offered besides
    When Bob's phone calls Alice for "Dinner"
    And Bob's phone says "Can you hear me?" in "Dinner"
    And Alice says "I can read you" in "Dinner"
    Then each medium of "Dinner" of Bob is passed on or refused
    And "Can you hear me?" arrives unchanged in "Dinner" of Bob
    And "I can read you" arrives unchanged in "Dinner" of Bob
