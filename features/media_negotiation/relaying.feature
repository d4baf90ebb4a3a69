Feature: Messages pass through the participating function, or past it, as they are

  @PF-SES-05 @TP-PF-SES-05-04.parts @SHALL @participating-function @media_path=in
  Scenario: Long messages arrive whole, in whatever parts they come
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice sends "A long story" of 30000 octets in "Lunch" in chunks of 700
    And Bob's phone sends "A longer one" of 200000 octets in "Lunch"
    And Alice sends "On the one hand" and "On the other" of 5000 octets each in "Lunch", part by part in turn
    Then "A long story" arrives unchanged in "Lunch" of Bob
    And "A longer one" arrives unchanged in "Lunch" of Bob
    And "On the one hand" arrives unchanged in "Lunch" of Bob
    And "On the other" arrives unchanged in "Lunch" of Bob

  @PF-SES-05 @TP-PF-SES-05-04.reports @SHALL @participating-function @media_path=in
  Scenario Outline: <who> asks for a report, and gets it
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And <who> sends "Did you get this?" of <octets> octets in "Lunch" in chunks of 900 and asks for a report
    Then the sender of "Did you get this?" in "Lunch" of Bob learns that it arrived
    And "Did you get this?" arrives unchanged in "Lunch" of Bob

    Examples:
      | who         | octets |
      | Alice       | 20     |
      | Alice       | 8000   |
      | Bob's phone | 8000   |

  @PF-SES-05 @TP-PF-SES-05-04.refused @SHALL @participating-function @media_path=in
  Scenario: Bob's phone refuses a message as too large, and Alice learns it
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Bob's phone takes messages of at most 4000 octets, and does not say so
    When Alice calls Bob for "Lunch"
    And Alice sends "The whole menu" of 9000 octets in "Lunch" in chunks of 1000
    And Alice says "The soup, then" in "Lunch"
    Then the sender of "The whole menu" in "Lunch" of Bob learns that it is too large
    And "The soup, then" arrives unchanged in "Lunch" of Bob

  @PF-SES-05 @TP-PF-SES-05-04.given-up @SHALL @participating-function @media_path=in
  Scenario: What Alice gives up never shows as a message, and what she says before and after does
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Let me tell you" in "Lunch"
    And Alice begins to send "A very long story" of 20000 octets in "Lunch" and gives it up
    And Alice says "Never mind" in "Lunch"
    Then "A very long story" never arrives in "Lunch" of Bob
    And "Let me tell you" arrives unchanged in "Lunch" of Bob
    And "Never mind" arrives unchanged in "Lunch" of Bob

  @PF-SES-05 @TP-PF-SES-05-04.cut-off @SHALL @participating-function @media_path=in
  Scenario Outline: <who> hangs up in the middle of a message, and what was cut off never shows
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Let me tell you" in "Lunch"
    And Bob's phone says "Do" in "Lunch"
    And <who> begins to send "A very long story" of 20000 octets in "Lunch" and hangs up
    Then "A very long story" never arrives in "Lunch" of Bob
    And "Lunch" of Bob has ended on both sides
    And "Let me tell you" arrives unchanged in "Lunch" of Bob
    And "Do" arrives unchanged in "Lunch" of Bob

    Examples:
      | who         |
      | Alice       |
      | Bob's phone |

  @PF-SES-05 @TP-PF-SES-05-04.moved @SHALL @participating-function @media_path=in
  Scenario Outline: <who> moves to another path in the middle of a message, and the session goes on
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And <who> begins to send "A very long story" of 20000 octets in "Lunch" and moves to another path
    And Alice says "Where was I?" in "Lunch"
    And Bob's phone says "Nowhere" in "Lunch"
    Then "A very long story" never arrives in "Lunch" of Bob
    And "Where was I?" arrives unchanged in "Lunch" of Bob
    And "Nowhere" arrives unchanged in "Lunch" of Bob

    Examples:
      | who         |
      | Alice       |
      | Bob's phone |

  @PF-SES-05 @TP-PF-SES-05-04.never-answered @SHALL @participating-function @media_path=in @max_sessions=at_least_2 @slow @virtual_time
  Scenario: Bob's phone no longer answers, and Alice learns that her message was lost
    Given Bob, a served user of the class "store_off", is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    When Alice calls Bob for "Lunch"
    And Carol calls Bob for "Dinner"
    And Alice says "Can you hear me?" in "Lunch"
    And Bob's phone answers nothing in "Lunch" any more
    And Alice sends "Are you there?" of 20 octets in "Lunch" and asks for a report
    And Carol says "I can hear you" in "Dinner"
    Then the sender of "Are you there?" in "Lunch" of Bob learns that it was never answered
    And "Can you hear me?" arrives unchanged in "Lunch" of Bob
    And "I can hear you" arrives unchanged in "Dinner" of Bob

  @PF-SES-05 @TP-PF-SES-05-04.past @SHALL @participating-function @media_path=out
  Scenario Outline: Messages go past the function when <caller> calls, and each end knows the path of the other
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When <caller> calls <callee> for "Lunch"
    And Alice sends "A long story" of 30000 octets in "Lunch" in chunks of 700
    And Bob's phone says "I see" in "Lunch"
    Then each end of "Lunch" of Bob knows the path of the other
    And the media of "Lunch" are agreed rightly on both sides of Bob
    And "A long story" arrives unchanged in "Lunch" of Bob
    And "I see" arrives unchanged in "Lunch" of Bob

    Examples:
      | caller      | callee |
      | Alice       | Bob    |
      | Bob's phone | Alice  |
