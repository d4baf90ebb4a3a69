Feature: The media of a session are agreed on both sides, and flow whoever opens the connection

  @PF-SES-05 @TP-PF-SES-05-01.flows @SHALL @participating-function
  Scenario Outline: Offer and answer are right on both sides when <caller> calls, and messages flow
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When <caller> calls <callee> for "Lunch"
    And Alice says "Hello over there" in "Lunch"
    And Bob's phone says "Hello back" in "Lunch"
    Then the media of "Lunch" are agreed rightly on both sides of Bob
    And "Hello over there" arrives unchanged in "Lunch" of Bob
    And "Hello back" arrives unchanged in "Lunch" of Bob

    Examples:
      | caller      | callee |
      | Alice       | Bob    |
      | Bob's phone | Alice  |

  @PF-SES-05 @TP-PF-SES-05-01.two-at-once @SHALL @participating-function @max_sessions=at_least_2
  Scenario: Two sessions at once have media of their own
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    When Alice calls Bob for "Lunch"
    And Carol calls Bob for "Dinner"
    And Alice says "At noon?" in "Lunch"
    And Carol says "Am I late?" in "Dinner"
    Then the media of "Lunch" are agreed rightly on both sides of Bob
    And the media of "Dinner" are agreed rightly on both sides of Bob
    And "At noon?" arrives unchanged in "Lunch" of Bob
    And "Am I late?" arrives unchanged in "Dinner" of Bob

  @PF-SES-05 @TP-PF-SES-05-01.asked-for-an-offer @SHALL @participating-function
  Scenario Outline: <who> asks for an offer within the session, and it goes on
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Can you see this?" in "Lunch"
    And <who> asks for an offer in "Lunch"
    And Alice says "And this?" in "Lunch"
    And Bob's phone says "Both" in "Lunch"
    Then who asks for an offer in "Lunch" of Bob is given one
    And the media of "Lunch" are agreed rightly on both sides of Bob
    And "Can you see this?" arrives unchanged in "Lunch" of Bob
    And "And this?" arrives unchanged in "Lunch" of Bob
    And "Both" arrives unchanged in "Lunch" of Bob

    Examples:
      | who         |
      | Alice       |
      | Bob's phone |

  @PF-SES-05 @TP-PF-SES-05-02.who-connects @SHALL @participating-function
  Scenario Outline: Alice offers <offer>, and Bob's phone <answer> where it may choose
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Alice offers <offer>
    And Bob's phone <answer> where it may choose
    When Alice calls Bob for "Lunch"
    And Alice says "Hello over there" in "Lunch"
    And Bob's phone says "Hello back" in "Lunch"
    Then the media of "Lunch" are agreed rightly on both sides of Bob
    And "Hello over there" arrives unchanged in "Lunch" of Bob
    And "Hello back" arrives unchanged in "Lunch" of Bob

    Examples:
      | offer                              | answer                   |
      | to connect or be connected to      | connects                 |
      | to connect or be connected to      | waits for the connection |
      | to connect                         | connects                 |
      | to connect                         | waits for the connection |
      | to be connected to                 | connects                 |
      | to be connected to                 | waits for the connection |
      | media without a word of who connects | connects               |
      | media without a word of who connects | waits for the connection |

  @PF-SES-05 @TP-PF-SES-05-02.who-connects-originating @SHALL @participating-function
  Scenario Outline: Bob's phone offers <offer>, and Alice <answer> where she may choose
    Given Bob, a served user, is online with a phone
    And the session "Dinner" of Alice with Bob
    And Bob's phone offers <offer>
    And Alice <answer> where it may choose
    When Bob's phone calls Alice for "Dinner"
    And Alice says "Hello over there" in "Dinner"
    And Bob's phone says "Hello back" in "Dinner"
    Then the media of "Dinner" are agreed rightly on both sides of Bob
    And "Hello over there" arrives unchanged in "Dinner" of Bob
    And "Hello back" arrives unchanged in "Dinner" of Bob

    Examples:
      | offer                              | answer                   |
      | to connect or be connected to      | waits for the connection |
      | to be connected to                 | connects                 |
      | media without a word of who connects | connects               |

  @PF-SES-05 @TP-PF-SES-05-02.anchors @SHALL @participating-function
  Scenario Outline: Media anchors are known to <known>
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And <one> finds its way through media anchors
    And <other> finds its way through media anchors
    When Alice calls Bob for "Lunch"
    And Alice says "Hello over there" in "Lunch"
    And Bob's phone says "Hello back" in "Lunch"
    Then the media of "Lunch" are agreed rightly on both sides of Bob
    And "Hello over there" arrives unchanged in "Lunch" of Bob
    And "Hello back" arrives unchanged in "Lunch" of Bob

    Examples:
      | known            | one         | other       |
      | both             | Alice       | Bob's phone |
      | Alice alone      | Alice       | Alice       |
      | the phone alone  | Bob's phone | Bob's phone |
